/// The list's script: fetches the page again every few seconds, and shows what changed where nobody is at work.
enum DeskScript {
    static let text = """
        (function(){
        "use strict";
        if(!window.fetch||!window.DOMParser)return;
        function isBusy(element){
        if(element.contains(document.activeElement)&&document.activeElement!==document.body)return true;
        if(element.querySelector("details[open]"))return true;
        return Array.prototype.some.call(element.querySelectorAll("input[type=checkbox]"),function(box){
        return box.checked})}
        setInterval(function(){
        if(document.hidden)return;
        fetch(location.href,{headers:{"Accept":"text/html"}}).then(function(answer){
        if(!answer.ok||answer.redirected)return null;
        return answer.text()}).then(function(text){
        if(!text)return;
        var page=new DOMParser().parseFromString(text,"text/html");
        var parts=document.querySelectorAll("main>section");
        var fresh=page.querySelectorAll("main>section");
        if(parts.length!==fresh.length)return;
        for(var i=0;i<parts.length;i++){
        if(!isBusy(parts[i])&&parts[i].innerHTML!==fresh[i].innerHTML)parts[i].innerHTML=fresh[i].innerHTML}
        }).catch(function(){})},3000);
        })();
        """
}

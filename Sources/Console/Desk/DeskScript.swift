/// The pages' script: fetches the page again every few seconds and takes over what changed, down to single texts and
/// values, but not where somebody is at work: what has the focus, what was written or chosen and not sent, what was
/// opened. What stayed the same is not touched, so that nobody is told of it again.
enum DeskScript {
    static let text = """
        (function(){
        "use strict";
        if(!window.fetch||!window.DOMParser)return;
        var main=document.getElementById("main"),waits=false;
        function isChanged(field){
        if(field.type==="checkbox"||field.type==="radio")return field.checked!==field.defaultChecked;
        if(field.tagName!=="SELECT")return field.value!==field.defaultValue;
        var usual=0;
        for(var i=field.options.length-1;i>=0;i--)if(field.options[i].defaultSelected)usual=i;
        return field.options.length>0&&field.selectedIndex!==usual}
        function isBusy(element){
        var at=document.activeElement;
        if(at&&at!==document.body&&element.contains(at))return true;
        if(element.querySelector("details[open]"))return true;
        var fields=element.querySelectorAll("input:not([type=datetime-local]),textarea,select");
        return Array.prototype.some.call(fields,isChanged)}
        function setAttributes(old,fresh){
        var i,names=old.getAttributeNames();
        for(i=0;i<names.length;i++)if(!fresh.hasAttribute(names[i]))old.removeAttribute(names[i]);
        names=fresh.getAttributeNames();
        for(i=0;i<names.length;i++){
        var value=fresh.getAttribute(names[i]);
        if(old.getAttribute(names[i])!==value)old.setAttribute(names[i],value)}}
        function renew(old,fresh){
        if(old.isEqualNode(fresh))return;
        if(old.nodeName!==fresh.nodeName){
        if(old.nodeType!==1||!isBusy(old))old.replaceWith(document.importNode(fresh,true));
        return}
        if(old.nodeType!==1){old.nodeValue=fresh.nodeValue;return}
        if(old.tagName==="DETAILS"&&old.open)return;
        if(old.tagName==="FORM"&&isBusy(old))return;
        var isSame=old.childNodes.length===fresh.childNodes.length;
        if(!isSame&&isBusy(old))return;
        setAttributes(old,fresh);
        if(isSame){for(var i=0;i<old.childNodes.length;i++)renew(old.childNodes[i],fresh.childNodes[i]);return}
        old.replaceChildren.apply(old,Array.prototype.map.call(fresh.childNodes,function(child){
        return document.importNode(child,true)}))}
        setInterval(function(){
        if(document.hidden||waits)return;
        waits=true;
        fetch(location.href,{headers:{"Accept":"text/html"}}).then(function(answer){
        return answer.ok&&!answer.redirected?answer.text():null}).then(function(text){
        var fresh=text&&new DOMParser().parseFromString(text,"text/html").getElementById("main");
        if(fresh)renew(main,fresh)}).catch(function(){}).then(function(){waits=false})},3000);
        })();
        """
}

/// The page's script: takes changed sections from the stream and says whether the page is live.
enum OverviewScript {
    static let text = """
        (function(){
        "use strict";
        if(!window.EventSource)return;
        var box=document.getElementById("connection"),text=document.getElementById("connection-text");
        var last=text.textContent.replace("As of ","");
        function say(state,words){box.className="live "+state;if(text.textContent!==words)text.textContent=words}
        var stream=new EventSource("/v1/status/stream");
        stream.addEventListener("overview",function(message){
        var update=JSON.parse(message.data);last=update.time;
        update.sections.forEach(function(section){
        var element=document.getElementById(section.id);if(element)element.innerHTML=section.html});
        say("on","Live · "+last)});
        stream.onerror=function(){say("off","Connection lost · showing "+last+" · trying again")};
        })();
        """
}

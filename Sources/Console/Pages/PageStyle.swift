/// The page's style sheet. Text has at least WCAG 2.2 level AA contrast (4.5 : 1) on its background in both schemes.
enum PageStyle {
    static let text = """
        :root{color-scheme:light dark;--page:#f3f5f7;--card:#fff;--line:#dde2e8;--ink:#16202b;--soft:#566372;
        --accent:#0b5cad;--accent-ink:#fff;--edge:#7a8794;
        --head:#12263a;--head-ink:#f4f8fb;--head-soft:#b9c8d6;--good:#11693a;--good-fill:#e3f4e9;--notice:#7d4a00;
        --notice-fill:#fdf0d5;
        --trouble:#a3161f;--trouble-fill:#fde6e6;--curve:#0b5cad;--curve-fill:#0b5cad1f}
        @media (prefers-color-scheme:dark){:root{--page:#0e141a;--card:#171f28;--line:#2a3541;--ink:#e7edf3;
        --soft:#a1afbd;--accent:#7db8f5;--accent-ink:#0a1622;--edge:#7d8b99;
        --head:#0a1017;--head-ink:#f1f6fa;--head-soft:#a9b9c8;--good:#6fd69a;--good-fill:#12301f;--notice:#f3c36b;
        --notice-fill:#382a0f;
        --trouble:#ff9a98;--trouble-fill:#401819;--curve:#7db8f5;--curve-fill:#7db8f526}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--page);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;
        font-variant-numeric:tabular-nums}
        h1,h2,h3,p,dl,dd,ol,ul{margin:0;padding:0}ol,ul{list-style:none}
        a{color:var(--accent);text-underline-offset:2px}
        a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
        .skip{position:absolute;left:-999px}.skip:focus{left:12px;top:12px;background:var(--card);padding:6px 10px;
        z-index:2}
        header{background:var(--head);color:var(--head-ink)}
        .bar{max-width:1320px;margin:0 auto;padding:14px 24px;display:flex;align-items:center;gap:6px 20px;
        flex-wrap:wrap}
        .brand{display:flex;align-items:center;gap:8px;font-weight:600;color:var(--head-soft);letter-spacing:.01em}
        .brand svg{width:22px;height:22px;fill:none;stroke:currentColor;stroke-width:1.6;stroke-linejoin:round}
        h1{font-size:22px;font-weight:650;overflow-wrap:anywhere}
        .node{font-size:19px;font-weight:650;overflow-wrap:anywhere}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        nav ul{display:flex;flex-wrap:wrap;gap:4px}
        nav a{display:block;color:var(--head-ink);text-decoration:none;padding:6px 9px;
        border-radius:6px;font-weight:600}
        nav a:hover{text-decoration:underline}
        nav a[aria-current]{background:var(--head-ink);color:var(--head)}
        header a:focus-visible,header button:focus-visible{outline-color:var(--head-ink)}
        .person{margin-left:auto;display:flex;gap:10px;align-items:center;font-size:14px;color:var(--head-soft)}
        .person a{color:var(--head-ink)}
        button.plain{font:inherit;background:none;border:1px solid var(--head-soft);border-radius:6px;
        color:var(--head-ink);padding:4px 10px;cursor:pointer;min-height:0}
        .role{font-size:12px;font-weight:600;border:1px solid var(--head-soft);color:var(--head-soft);
        border-radius:4px;padding:1px 7px;margin-left:6px;vertical-align:2px}
        .live{margin-left:auto;font-size:13px;color:var(--head-soft);display:flex;align-items:center;gap:8px}
        .live~.person{margin-left:0}
        .dot{width:9px;height:9px;border-radius:50%;border:2px solid currentColor}
        .live.on{color:var(--head-ink)}.live.on .dot{background:#59d38c;border-color:#59d38c}
        .live.off{color:#ffd27a;font-weight:600}.live.off .dot{border-color:#ffd27a;border-radius:1px}
        main{max-width:1320px;margin:0 auto;padding:20px 24px 8px;display:grid;
        grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
        .attention,.figures,.wide{grid-column:1/-1}
        .banner{display:flex;gap:14px;padding:14px 18px;border-radius:8px;border:1px solid currentColor}
        .banner h2{font-size:16px}.banner p,.banner li{color:var(--ink)}
        .banner>.icon{width:24px;height:24px;margin-top:1px}
        .banner li{display:flex;gap:8px;align-items:baseline;margin-top:4px}.banner li .icon{width:14px;height:14px;
        position:relative;top:2px}
        .banner li a{font-weight:600}.banner li span{overflow-wrap:anywhere;min-width:0}
        .banner li.notice .icon{color:var(--notice)}.banner li.trouble .icon{color:var(--trouble)}
        .banner.good{background:var(--good-fill);color:var(--good)}.banner.notice{background:var(--notice-fill);
        color:var(--notice)}
        .banner.trouble{background:var(--trouble-fill);color:var(--trouble)}
        .icon{flex:none;width:14px;height:14px;fill:none;stroke:currentColor;stroke-width:1.7;stroke-linecap:round;
        stroke-linejoin:round}
        .figures{display:grid;grid-template-columns:repeat(5,minmax(0,1fr));gap:16px}
        .figure,.card{background:var(--card);border:1px solid var(--line);border-radius:8px}
        .figure{padding:14px 16px;display:flex;flex-direction:column}
        .figure h2{font-size:13px;font-weight:600;color:var(--soft)}
        .value{font-size:30px;font-weight:650;line-height:1.25;letter-spacing:-.01em}
        .unit{font-size:.55em;font-weight:500;color:var(--soft);margin-left:2px}td .unit{font-size:.85em}
        .note{font-size:13px;color:var(--soft);margin-top:auto;padding-top:4px}
        .curve{display:block;width:100%;height:34px;margin:4px 0}
        .curve polyline{fill:none;stroke:var(--curve);stroke-width:1.6;vector-effect:non-scaling-stroke;
        stroke-linejoin:round}
        .curve polygon{fill:var(--curve-fill)}
        .pair{display:grid;gap:2px;margin-top:6px}.pair div{display:flex;justify-content:space-between;
        align-items:baseline}
        .pair dt{color:var(--soft);font-size:13px}.pair dd{font-size:20px;font-weight:650}
        .card{padding:16px 18px 10px;min-width:0;scroll-margin-top:12px}
        .card>h2{font-size:16px;margin-bottom:6px}.sub{font-size:13px;font-weight:400;color:var(--soft);margin-left:6px}
        .card h3{font-size:13px;color:var(--soft);font-weight:600;margin:6px 0}
        table{width:100%;border-collapse:collapse}
        th,td{text-align:left;vertical-align:top;padding:9px 18px 9px 0;border-top:1px solid var(--line);
        overflow-wrap:anywhere}
        th:last-child,td:last-child{padding-right:0}
        thead th{font-size:12.5px;font-weight:600;color:var(--soft);border-top:0;padding-bottom:5px;white-space:nowrap}
        tbody th{font-weight:600;overflow-wrap:break-word;min-width:6.2em}.number{text-align:right}
        td.number{white-space:nowrap}
        .name{display:block}.kind{display:block;font-size:13px;font-weight:400;color:var(--soft)}
        .when{color:var(--soft);font-size:13px}td .when{display:block;white-space:normal}
        .none{color:var(--soft)}.late{color:var(--notice)}
        code{font:600 12.5px/1.4 ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;
        background:var(--page);border:1px solid var(--line);border-radius:4px;padding:0 5px;white-space:nowrap}
        .pill{display:inline-flex;align-items:center;gap:6px;font-size:13px;font-weight:600;border-radius:999px;
        padding:1px 10px 1px 7px;white-space:nowrap}
        .pill.good{background:var(--good-fill);color:var(--good)}.pill.notice{background:var(--notice-fill);
        color:var(--notice)}
        .pill.trouble{background:var(--trouble-fill);color:var(--trouble)}
        .gauge{display:flex;align-items:center;justify-content:flex-end;gap:8px;font-weight:600}
        .gauge.left{justify-content:flex-start}
        meter{width:72px;height:10px;border:0;border-radius:5px;background:var(--line);-webkit-appearance:none;
        appearance:none;overflow:hidden}
        meter::-webkit-meter-inner-element{display:block}meter::-webkit-meter-bar{height:10px;background:var(--line);
        border:0;border-radius:5px}
        meter::-webkit-meter-optimum-value{background:var(--curve)}meter::-moz-meter-bar{background:var(--curve)}
        .gauge.notice,.gauge.trouble{color:var(--notice)}.gauge.trouble{color:var(--trouble)}
        .gauge.notice meter::-webkit-meter-optimum-value{background:var(--notice)}
        .gauge.trouble meter::-webkit-meter-optimum-value{background:var(--trouble)}
        .gauge.notice meter::-moz-meter-bar{background:var(--notice)}
        .gauge.trouble meter::-moz-meter-bar{background:var(--trouble)}
        .empty{color:var(--soft);padding:6px 0 8px;max-width:62ch}
        .split{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);gap:8px 36px}
        .causes li{display:grid;grid-template-columns:minmax(0,1fr) 90px 5ch;gap:12px;align-items:center;
        padding:7px 0;border-top:1px solid var(--line)}
        .cause{overflow-wrap:anywhere}.causes .number{font-weight:650}
        .newest li{padding:8px 0 9px;border-top:1px solid var(--line);overflow-wrap:anywhere}.newest p{max-width:78ch}
        .newest .head .when{margin-left:4px}.advice{color:var(--soft)}.advice::before{content:"→ "}
        footer{max-width:1320px;margin:0 auto;padding:8px 24px 28px;font-size:13px;color:var(--soft)}
        @media (max-width:1080px){main{grid-template-columns:minmax(0,1fr)}
        .figures{grid-template-columns:repeat(3,minmax(0,1fr))}}
        @media (max-width:720px){body{font-size:16px}.bar{padding:12px 16px}.live{margin-left:0;width:100%}
        main{padding:14px 12px 4px;gap:12px}
        .figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:10px}.figure:last-child{grid-column:1/-1}
        .figure{padding:11px 13px}.value{font-size:25px}
        .card{padding:14px 14px 6px}.split{grid-template-columns:minmax(0,1fr)}.banner{padding:12px 14px;gap:10px}
        table,tbody,tr,th,td{display:block}thead{position:absolute;left:-9999px}tr{border-top:1px solid var(--line);
        padding:9px 0}
        tbody tr:first-child{border-top:0}th,td,td.number{border:0;padding:2px 0;text-align:left;white-space:normal}
        td{display:grid;grid-template-columns:7.6em minmax(0,1fr);gap:12px;align-items:baseline}
        td::before{content:attr(data-label);color:var(--soft);font-size:14px}
        .gauge{justify-content:flex-start}.kind{display:inline;margin-left:8px}.name{display:inline}
        footer{padding:4px 16px 24px}}
        @media print{header{background:none;color:#000}main{display:block}.card,.figure{break-inside:avoid;
        margin-bottom:10px}}
        """
}

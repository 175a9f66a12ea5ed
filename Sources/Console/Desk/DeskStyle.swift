/// What the style sheet has for the desk's pages beside ``PageStyle``.
enum DeskStyle {
    static let text = """
        main{grid-template-columns:minmax(0,1fr)}
        main h1{font-size:22px;margin:0}.lead{color:var(--soft);margin:2px 0 0}
        .lead code,.history code{white-space:normal;overflow-wrap:anywhere}
        .narrow{max-width:460px}
        .field{display:inline-flex;flex-direction:column;gap:3px;min-width:0}
        .field label,legend{font-size:13px;font-weight:600;color:var(--soft)}
        p.field{display:flex;margin:0 0 10px}
        input,select,textarea,button{font:inherit;color:var(--ink);background:var(--card);
        border:1px solid var(--edge);border-radius:6px;padding:6px 9px;min-height:36px;max-width:100%}
        input[type=checkbox]{min-height:0;width:18px;height:18px;accent-color:var(--accent)}
        textarea{width:100%;font:13px/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;
        resize:vertical}
        button{background:var(--accent);border-color:var(--accent);color:var(--accent-ink);font-weight:600;
        cursor:pointer;padding:6px 14px}
        button.second{background:var(--card);color:var(--accent)}
        button.danger{background:var(--card);color:var(--trouble);border-color:var(--trouble)}
        input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible,summary:focus-visible,
        .scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
        fieldset{border:0;margin:0;padding:0;min-width:0}legend{padding:0;margin-bottom:4px}
        .row{display:flex;flex-wrap:wrap;gap:10px 14px;align-items:flex-end}
        .row.end{margin-top:12px}
        .said{border:1px solid currentColor;border-radius:8px;padding:10px 14px;margin:0 0 10px}
        .said.good{background:var(--good-fill);color:var(--good)}
        .said.trouble{background:var(--trouble-fill);color:var(--trouble)}
        .said.notice{background:var(--notice-fill);color:var(--notice)}
        .facts{display:grid;margin-top:12px;grid-template-columns:max-content minmax(0,1fr);gap:4px 18px}
        .facts dt{color:var(--soft);font-size:14px}.facts dd{margin:0;overflow-wrap:anywhere}
        .scroll{margin:6px 0 10px;padding:10px 12px;background:var(--page);border:1px solid var(--line);
        border-radius:6px;
        overflow:auto;max-height:420px;font:13px/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",Menlo,Consolas,monospace;
        white-space:pre;tab-size:4}
        .columns{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px}
        .advice{margin:6px 0 0}
        td.check,th.check{width:34px}td.what{min-width:20ch}td.word{white-space:nowrap}
        .history li{padding:8px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
        .pages{display:flex;gap:18px;padding:10px 0}
        details{margin:6px 0}summary{cursor:pointer;font-weight:600;color:var(--accent)}
        progress{width:160px;height:12px;accent-color:var(--accent)}
        @media (max-width:1080px){.columns{grid-template-columns:minmax(0,1fr)}}
        @media (max-width:720px){.field{width:100%}.facts{grid-template-columns:minmax(0,1fr);gap:0}
        td.word{white-space:normal}.facts dd{margin-bottom:8px}
        td.check{display:inline-block;width:34px;vertical-align:-4px}
        td.check::before{content:""}td.check+th{display:inline}button{min-height:44px}}
        """
}

/** The report's looks: everything is in the file, light or dark as the reader likes it. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --back: #fbfbfa; --card: #fff; --ink: #1b1e24; --soft: #5b6270;
	--grid: #e3e5ea; --band: #eef0f4; --a: #1d5fd1; --b: #c2500a; --c: #6b7280; --bad: #b42318; --good: #18794e; }
@media (prefers-color-scheme: dark) { :root { --back: #14161a; --card: #1c1f25; --ink: #e8eaee;
	--soft: #a2a9b6; --grid: #31363f; --band: #262a32; --a: #7fb0ff; --b: #ffa45c; --c: #98a1b0;
	--bad: #ff8a7a; --good: #6fd3a0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 20px 16px 48px; max-width: 1320px; background: var(--back); color: var(--ink);
	font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 22px; margin: 0; }
h2 { font-size: 15px; margin: 0 0 4px; }
small, .sub, .legend, .missing { color: var(--soft); }
small { font-weight: normal; }
.sub { margin: 2px 0 16px; overflow-wrap: anywhere; }
.notice { border-left: 4px solid var(--bad); background: var(--card); padding: 10px 14px; margin: 0 0 16px; }
.notice.good { border-color: var(--good); } .notice.unsure { border-color: var(--b); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 0 0 16px; }
.tiles div, figure, .card { background: var(--card); border: 1px solid var(--grid); border-radius: 8px; }
.tiles div { padding: 8px 12px; }
.tiles b { display: block; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: 13px; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 12px; }
figure { margin: 0; padding: 12px; }
figure svg { display: block; width: 100%; height: auto; }
.legend { margin: 0; font-size: 13px; display: flex; flex-wrap: wrap; gap: 2px 14px; }
.legend .key { width: 20px; height: 8px; display: inline; margin-right: 5px; vertical-align: middle; }
.missing { margin: 28px 0; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--grid); fill: none; } .band { fill: var(--band); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.a { stroke: var(--a); } .b { stroke: var(--b); } .dots { stroke-width: 7; } .good { stroke: var(--good); } .bad { stroke: var(--bad); }
.c { stroke: var(--c); stroke-dasharray: 5 4; }
.mark { stroke: var(--bad); fill: none; stroke-dasharray: 2 3; }
.card { margin: 12px 0 0; padding: 12px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; font-weight: 500; color: var(--soft); }
th, td { padding: 3px 14px 3px 0; vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
.failed { color: var(--bad); } .passed { color: var(--good); }
`;

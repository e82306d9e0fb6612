/** Colours of light and dark, and the elements that reports and the page share. */
export const style = `
:root{--background:#f6f7f9;--surface:#fff;--text:#18202b;--muted:#586475;--line:#dfe4ea;--accent:#0b7a75;--accent-soft:#e2f3f1;
--series-1:#a3adba;--series-2:#0b7a75;--series-3:#c9730b;--series-4:#5b5bd6;--series-5:#b83280;--good:#08704a;--bad:#b3261e;
--hybrid:#0b7a75;--integer:#5b5bd6;--float:#7a8797;--slow:#c9730b;--none:#b3261e;
--font:'Inter','Segoe UI',system-ui,-apple-system,'DejaVu Sans',sans-serif;--mono:ui-monospace,'SF Mono','Cascadia Code','DejaVu Sans Mono',monospace;color-scheme:light}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){--background:#0f141a;--surface:#171e27;--text:#e6ebf1;--muted:#9aa7b6;--line:#2a3441;--accent:#4fd1c5;--accent-soft:#12332f;
--series-1:#66758a;--series-2:#4fd1c5;--series-3:#f0a33f;--series-4:#9d9df5;--series-5:#f07ab8;--good:#4ade9a;--bad:#ff8a80;
--hybrid:#4fd1c5;--integer:#9d9df5;--float:#8494a7;--slow:#f0a33f;--none:#ff8a80;color-scheme:dark}}
:root[data-theme=dark]{--background:#0f141a;--surface:#171e27;--text:#e6ebf1;--muted:#9aa7b6;--line:#2a3441;--accent:#4fd1c5;--accent-soft:#12332f;
--series-1:#66758a;--series-2:#4fd1c5;--series-3:#f0a33f;--series-4:#9d9df5;--series-5:#f07ab8;--good:#4ade9a;--bad:#ff8a80;
--hybrid:#4fd1c5;--integer:#9d9df5;--float:#8494a7;--slow:#f0a33f;--none:#ff8a80;color-scheme:dark}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:16px/1.55 var(--font);-webkit-font-smoothing:antialiased}
main{max-width:1120px;margin:0 auto;padding:0 24px 80px}header{display:grid;grid-template-columns:1fr auto;align-items:start;gap:8px 18px;padding:44px 0 22px}header h1{grid-column:1/-1;grid-row:2}header p{margin:0}
h1,h3,p,code,.tabs button{overflow-wrap:anywhere}h1{font-size:clamp(1.7rem,4vw,2.5rem);line-height:1.15;letter-spacing:-.02em;margin:.2em 0 .1em}
h2{font-size:1.45rem;letter-spacing:-.01em;margin:2.4em 0 .6em;overflow-wrap:anywhere}
h3{font-size:1.02rem;margin:0 0 .7em}
p{margin:.3em 0 .8em}.muted,figcaption{color:var(--muted)}.small{font-size:.86rem}
a{color:var(--accent)}code,.mono{font-family:var(--mono);font-size:.86em}
button,select,input{font:inherit;color:inherit}
button{cursor:pointer;border:1px solid var(--line);background:var(--surface);border-radius:8px;padding:6px 12px}
button:hover{border-color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.card{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:20px 22px;margin:0 0 18px;min-width:0}
.grid{display:grid;gap:18px;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr))}
.grid>.card{margin:0}
.figures{display:grid;gap:14px;grid-template-columns:repeat(auto-fit,minmax(min(100%,220px),1fr));margin:0 0 18px}
.figure{background:var(--surface);border:1px solid var(--line);border-radius:14px;padding:16px 20px}
.figure b{display:block;font-size:1.9rem;line-height:1.2;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.figure .was{color:var(--muted);font-size:.92rem;font-variant-numeric:tabular-nums}
.figure .name{color:var(--muted);font-size:.8rem;text-transform:uppercase;letter-spacing:.06em}
.scroll{overflow-x:auto;max-width:100%}.tall{max-height:460px;overflow:auto}.tall thead th{position:sticky;top:0;background:var(--surface)}figure{margin:0}.spreads{display:grid;gap:18px 26px;grid-template-columns:repeat(auto-fill,minmax(min(100%,270px),1fr))}details{margin:0 0 10px}summary{cursor:pointer;color:var(--accent);margin:0 0 8px}.node-facts{margin-top:14px}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px 6px 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;white-space:nowrap;color:var(--muted)}
td.n,th.n{text-align:right;white-space:nowrap}
td.name{font-family:var(--mono);font-size:.8rem;overflow-wrap:anywhere;min-width:140px}
th button{border:0;background:none;padding:0;font-weight:600;color:inherit}
th[aria-sort=ascending] button::after{content:' ↑'}th[aria-sort=descending] button::after{content:' ↓'}
.meter{display:inline-block;width:72px;height:8px;border-radius:4px;background:var(--line);overflow:hidden;vertical-align:middle}
.meter i{display:block;height:100%;background:var(--accent)}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:.84rem;color:var(--muted);margin:.2em 0 .8em}
.legend span::before{content:'';display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:6px;background:var(--dot)}
.s1{--dot:var(--series-1)}.s2{--dot:var(--series-2)}.s3{--dot:var(--series-3)}.s4{--dot:var(--series-4)}.s5{--dot:var(--series-5)}
.k-hybrid{--dot:var(--hybrid)}.k-integer{--dot:var(--integer)}.k-float{--dot:var(--float)}.k-slow{--dot:var(--slow)}.k-none{--dot:var(--none)}.k-plain{--dot:var(--line)}
.card svg[role=img]{width:100%;min-width:min(100%,340px);height:auto;display:block}
.card .wide>svg[role=img]{min-width:760px}
.histogram{width:100%}.node-facts .histogram{max-width:340px}.histogram .before{fill:var(--series-1);opacity:.75}.histogram .after{fill:none;stroke:var(--series-2);stroke-width:1.8}
.histogram text{font:11px var(--font);fill:var(--muted)}
.warning{border-left:4px solid var(--slow);padding:8px 14px;background:var(--surface);border-radius:6px;margin:0 0 12px}
.graph-box{position:relative;height:520px;overflow:hidden;border:1px solid var(--line);border-radius:10px;background:var(--background);touch-action:none;cursor:grab}
.graph{position:absolute;left:0;top:0;transform-origin:0 0;max-width:none}
.graph .edges path{stroke:var(--muted);stroke-opacity:.55;stroke-width:1.4}
.graph .node rect{fill:var(--surface);stroke:var(--dot,var(--line));stroke-width:1.6}
.graph .node{cursor:pointer}.graph .op{font:600 11px var(--font);fill:var(--text)}.graph .name{font:10px var(--mono);fill:var(--muted)}
.graph .hybrid{--dot:var(--hybrid)}.graph .integer{--dot:var(--integer)}.graph .float{--dot:var(--float)}.graph .slow{--dot:var(--slow)}.graph .none{--dot:var(--none)}
.graph .selected rect{fill:var(--accent-soft);stroke-width:3}.graph .hit rect{stroke-width:3}.graph .miss{opacity:.25}
.graph .node:focus-visible{outline:none}.graph .node:focus-visible rect{stroke:var(--accent);stroke-width:3.5}
.toolbar{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:0 0 12px}
.toolbar input,.toolbar select{border:1px solid var(--line);background:var(--surface);border-radius:8px;padding:6px 10px;max-width:100%}
dl{display:grid;grid-template-columns:fit-content(42%) minmax(0,1fr);gap:2px 16px;margin:0;font-size:.88rem}dt{color:var(--muted);overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:14px}.pair img{width:100%;image-rendering:auto;border-radius:8px;border:1px solid var(--line);background:#000}
.bars{display:grid;align-content:start;grid-template-columns:max-content 1fr max-content;gap:3px 10px;font-size:.84rem;align-items:center;font-variant-numeric:tabular-nums}
.bars div{height:7px;border-radius:4px;background:var(--series-1)}.bars div+div{background:var(--series-2);margin-top:2px}
.tabs{display:flex;flex-wrap:wrap;gap:6px;margin:0 0 14px}.tabs button[aria-selected=true]{background:var(--accent);border-color:var(--accent);color:var(--surface)}
pre{overflow-x:auto;background:var(--background);border:1px solid var(--line);border-radius:10px;padding:12px 14px;margin:0}
@media (max-width:560px){main{padding:0 14px 60px}header{padding:24px 0 14px}.card{padding:16px}.figure b{font-size:1.6rem}.graph-box{height:400px}}
@media print{:root{--background:#fff}main{max-width:none;padding:0}.card,.figure{break-inside:avoid}.toolbar,.theme,.tabs{display:none}.graph-box{display:none}}
`;

/** The styles of the element. A page changes them by custom properties (docs/view.md) and `color-scheme`. */

/** The text of a constructed style sheet, which content security policies allow. */
export const STYLES = `
:host {
  --_text: var(--mlflow-trace-text, light-dark(#1b2430, #e6eaf0));
  --_quiet: var(--mlflow-trace-quiet, light-dark(#556070, #a3adba));
  --_back: var(--mlflow-trace-background, light-dark(#ffffff, #14181e));
  --_raised: var(--mlflow-trace-raised, light-dark(#f5f7f9, #1c222a));
  --_line: var(--mlflow-trace-line, light-dark(#dfe4ea, #2d3540));
  --_accent: var(--mlflow-trace-accent, light-dark(#0b62c4, #7ab5ff));
  --_chosen: var(--mlflow-trace-chosen, light-dark(#e6f0fc, #1d3046));
  --_agent: var(--mlflow-trace-agent, light-dark(#3457b5, #8fabf5));
  --_model: var(--mlflow-trace-model, light-dark(#8a3aa8, #d59bea));
  --_tool: var(--mlflow-trace-tool, light-dark(#0b7069, #5fcabf));
  --_other: var(--mlflow-trace-other, light-dark(#5a6473, #a9b3c0));
  --_error: var(--mlflow-trace-error, light-dark(#b3261e, #ff9a91));
  --_mono: var(--mlflow-trace-mono, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace);
  display: block;
  container: mlflow-trace / inline-size;
  color: var(--_text);
  background: var(--_back);
  font: var(--mlflow-trace-font, 14px/1.45 system-ui, sans-serif);
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
h2, h3, p, dl, dd, ol { margin: 0; padding: 0; }
button, input { font: inherit; color: inherit; }
button { border: 1px solid var(--_line); border-radius: 4px; background: none; cursor: pointer; }
button:hover { background: var(--_raised); }
button:focus-visible, input:focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.empty { padding: 2.5rem 1rem; text-align: center; color: var(--_quiet); }
.summary {
  display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; padding: .65rem .9rem;
  border-block-end: 1px solid var(--_line); color: var(--_quiet); font-variant-numeric: tabular-nums;
}
.summary h2 { font-size: 1.05em; color: var(--_text); font-weight: 600; overflow-wrap: anywhere; }
.summary .id { font: .85em var(--_mono); overflow-wrap: anywhere; }
.state { font-weight: 600; }
.state[data-state="done"] { color: light-dark(#1c6e38, #7fd79a); }
.state[data-state="failed"] { color: var(--_error); }
.state[data-state="running"] { color: var(--_accent); }
.copy, .close { padding: 0 .4rem; color: var(--_quiet); font-size: .82em; }
.chips { display: flex; flex-wrap: wrap; gap: .25rem .4rem; inline-size: 100%; font-size: .86em; }
.chips div {
  display: flex; gap: .35em; padding: 0 .5em; border: 1px solid var(--_line); border-radius: 1em;
  overflow-wrap: anywhere;
}
.chips dd { color: var(--_text); }
.tools { display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: center; padding: .4rem .9rem 0; }
.hint, .count { color: var(--_quiet); font-size: .86em; }
.search { display: flex; gap: .5rem; align-items: center; }
.search input {
  inline-size: 14rem; padding: .15rem .5rem; border: 1px solid var(--_quiet); border-radius: 4px;
  background: var(--_back);
}
.thumbs button { padding: .1rem .4rem; }
.thumbs button[aria-pressed="true"] { background: var(--_chosen); border-color: var(--_accent); }
.turns { list-style: none; border-block-end: 1px solid var(--_line); padding: .4rem .9rem; }
.turn {
  display: grid; gap: .1rem; inline-size: 100%; padding: .4rem .6rem; margin-block: .15rem; border-radius: 6px;
  text-align: start; border-inline-start-width: 3px;
}
.turn[aria-current="true"] { background: var(--_chosen); border-inline-start-color: var(--_accent); }
.turn b { font-weight: 600; }
.turn b, .answer {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
  overflow-wrap: anywhere; white-space: pre-line;
}
.turn .facts { margin: 0; }
::highlight(mlflow-trace-found) { background-color: Mark; color: MarkText; }
.panes { display: grid; grid-template-columns: minmax(0, 1fr); }
.tree { padding-block: .3rem; min-width: 0; }
.row {
  display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0 .6rem; align-items: center;
  padding: .22rem .9rem .3rem .55rem; border-inline-start: 3px solid transparent; cursor: pointer;
  content-visibility: auto; contain-intrinsic-block-size: auto 2.2rem;
}
.row::after { content: "›" / ""; grid-area: 1 / 3; color: var(--_quiet); }
.row[aria-selected="true"]::after { color: var(--_accent); }
.row:hover { background: var(--_raised); }
.row[aria-selected="true"] { background: var(--_chosen); border-inline-start-color: var(--_accent); }
.row:focus-visible { outline: 2px solid var(--_accent); outline-offset: -2px; }
.name {
  display: flex; align-items: center; gap: .4rem; min-width: 0;
  padding-inline-start: calc((var(--level) - 1) * .8rem);
}
.name b { font-weight: 500; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row[data-found] b { background: color-mix(in srgb, var(--_accent) 22%, transparent); border-radius: 2px; }
.model { flex: 0 9 auto; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.model { color: var(--_quiet); font-size: .86em; }
.twisty {
  flex: none; inline-size: 1.1rem; block-size: 1.3rem; display: grid; place-items: center; color: var(--_quiet);
}
.twisty::before { content: ""; }
.row[aria-expanded] .twisty::before {
  border: solid transparent; border-width: 4px 0 4px 6px; border-inline-start-color: currentColor;
}
.row[aria-expanded="true"] .twisty::before { rotate: 90deg; }
.type {
  --_kind: var(--_other); flex: none; padding: 0 .38em;
  border: 1px solid color-mix(in srgb, var(--_kind) 45%, transparent); border-radius: 4px; color: var(--_kind);
  background: color-mix(in srgb, var(--_kind) 8%, var(--_back)); font: 600 .72em/1.5 var(--_mono);
}
.mark { flex: none; color: var(--_error); font-weight: 600; font-size: .85em; }
.mark:empty { display: none; }
.row[data-state="running"] .mark { color: var(--_accent); }
.figures {
  display: flex; gap: .8rem; justify-content: end; color: var(--_quiet); font-size: .86em;
  font-variant-numeric: tabular-nums; white-space: nowrap;
}
.tokens:empty, .cost:empty, .duration:empty, .model:empty { display: none; }
.track {
  grid-column: 1 / -1; block-size: 5px; margin-block-start: .15rem; margin-inline-start: .35rem; border-radius: 3px;
  background: var(--_raised); position: relative; overflow: hidden;
}
.bar {
  --_kind: var(--_other); position: absolute; inset-block: 0; inset-inline-start: calc(var(--start) * 1%);
  inline-size: max(2px, calc(var(--length) * 1%)); border-radius: 3px; background: var(--_kind);
}
.row[data-state="failed"] .bar { background: var(--_error); }
.row[data-state="running"] .bar {
  background: repeating-linear-gradient(
    135deg, var(--_kind) 0 5px, color-mix(in srgb, var(--_kind) 45%, transparent) 5px 10px);
}
[data-kind="agent"] { --_kind: var(--_agent); }
[data-kind="model"] { --_kind: var(--_model); }
[data-kind="tool"] { --_kind: var(--_tool); }
.scale { display: none; }
.details {
  border-block-start: 1px solid var(--_line); padding: .8rem .9rem 1.2rem; min-width: 0; background: var(--_back);
}
.details:focus-visible { outline: 2px solid var(--_accent); outline-offset: -2px; }
.details header { display: flex; flex-wrap: wrap; gap: .3rem .6rem; align-items: center; margin-block-end: .5rem; }
.details h3 { flex: 1; font-size: 1.05em; font-weight: 600; overflow-wrap: anywhere; }
.facts {
  display: flex; flex-wrap: wrap; gap: .1rem 1rem; color: var(--_quiet); font-size: .9em; margin-block-end: .5rem;
}
.failure {
  margin-block: .5rem; padding: .5rem .7rem; border-inline-start: 3px solid var(--_error);
  background: color-mix(in srgb, var(--_error) 8%, var(--_back)); overflow-wrap: anywhere; white-space: pre-wrap;
}
.copied { position: relative; }
.copied > .copy { position: absolute; inset-block-start: .45rem; inset-inline-end: 0; background: var(--_back); }
details { border-block-start: 1px solid var(--_line); padding-block: .45rem; }
summary { cursor: pointer; font-weight: 600; font-size: .92em; }
summary:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
pre {
  margin: .4rem 0 0; padding: .55rem .65rem; max-block-size: 26rem; overflow: auto; border-radius: 6px;
  background: var(--_raised); font: .85em/1.5 var(--_mono); white-space: pre-wrap; overflow-wrap: anywhere;
}
pre:focus-visible { outline: 2px solid var(--_accent); outline-offset: 1px; }
.chat { list-style: none; display: grid; gap: .45rem; margin-block-start: .45rem; }
.message {
  border-radius: 8px; padding: .45rem .65rem; background: var(--_raised);
  border-inline-start: 3px solid var(--_kind, var(--_other));
}
.message .who { color: var(--_quiet); font-size: .82em; }
.message p { white-space: pre-wrap; overflow-wrap: anywhere; }
table + .call { margin-block-start: .6rem; }
.call { font: .88em/1.5 var(--_mono); overflow-wrap: anywhere; white-space: pre-wrap; }
table { inline-size: 100%; table-layout: fixed; border-collapse: collapse; margin-block-start: .4rem; }
table { font-size: .92em; }
th, td {
  padding: .2rem .5rem; border: 1px solid var(--_line); text-align: start; vertical-align: top;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
th { inline-size: 30%; color: var(--_quiet); font: .92em/1.5 var(--_mono); }
.attributes { display: grid; gap: .45rem; margin-block-start: .4rem; font-size: .9em; }
.attributes dt { color: var(--_quiet); font-family: var(--_mono); font-size: .92em; overflow-wrap: anywhere; }
.attributes dd { overflow-wrap: anywhere; white-space: pre-wrap; max-block-size: 12rem; overflow: auto; }
@container mlflow-trace (max-width: 30rem) {
  .row .cost, .row .model { display: none; }
}
@container mlflow-trace (min-width: 44rem) {
  .panes.open { grid-template-columns: minmax(0, 1fr) minmax(18rem, .8fr); }
  .panes.open .details {
    border-block-start: 0; border-inline-start: 1px solid var(--_line); position: sticky; inset-block-start: 0;
    align-self: start; max-block-size: 100vh; overflow: auto;
  }
  .panes:not(.open) .row, .panes:not(.open) .scale {
    grid-template-columns: minmax(15rem, 6fr) 12rem minmax(0, 6fr) .5em;
  }
  .panes:not(.open) .row::after { grid-area: 1 / 4; }
  .panes:not(.open) .track { grid-column: 3; margin: 0; block-size: 9px; }
  .panes:not(.open) .scale {
    display: grid; gap: 0 .6rem; padding: .2rem .9rem; color: var(--_quiet); font-size: .78em;
    font-variant-numeric: tabular-nums;
  }
  .scale div { grid-column: 3; display: flex; justify-content: space-between; }
}
@media (prefers-reduced-motion: no-preference) {
  .bar { transition: inline-size .12s linear, inset-inline-start .12s linear; }
  .row[data-state="running"] .bar { animation: pulse 1.4s ease-in-out infinite alternate; }
  @keyframes pulse { from { opacity: 1; } to { opacity: .45; } }
}
@media (forced-colors: active) {
  .bar { background: CanvasText; forced-color-adjust: none; }
  .row[aria-selected="true"] { border-inline-start-color: Highlight; }
}
`;

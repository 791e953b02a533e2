/** How the newspaper looks: one stylesheet, nothing from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbf9f4;
  --ink: #1c1a17;
  --soft: #5e584e;
  --line: #cfc8b9;
  --accent: #8a1f1f;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'Book Antiqua', Georgia, serif;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #171614; --ink: #ece7dd; --soft: #aca497; --line: #423d35; --accent: #f0a196; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 66rem; padding: 0 1.25rem 4rem;
  background: var(--paper); color: var(--ink);
  font: 1.125rem/1.62 var(--serif); text-rendering: optimizeLegibility;
}
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .18em; }
a:hover { text-decoration-color: var(--accent); }
a:focus-visible { outline: 3px solid var(--accent); outline-offset: 4px; border-radius: 2px; }
.masthead { padding: 1.6rem 0 1rem; border-bottom: 3px double var(--line); text-align: center; }
.masthead a { text-decoration: none; font-size: clamp(2rem, 6.5vw, 3.6rem); font-weight: 700;
  letter-spacing: -.015em; line-height: 1.1; }
.masthead p { margin: .35rem 0 0; color: var(--soft); font-size: .875rem; font-style: italic;
  text-wrap: balance; }
.section { margin: 0 0 .35rem; color: var(--accent); font: 600 .75rem/1.4 system-ui, sans-serif;
  letter-spacing: .08em; text-transform: uppercase; }
.front { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17.5rem, 100%), 1fr));
  gap: 2.1rem 2.4rem; margin-top: 2rem; }
.front article { padding-top: 1.1rem; border-top: 1px solid var(--line); }
.front h2 { margin: 0 0 .4rem; font-size: 1.5rem; line-height: 1.22; text-wrap: balance; }
.front h2 a { text-decoration: none; }
.front h2 a:hover { text-decoration: underline; text-decoration-color: var(--accent); }
.front p:last-child { margin: 0; color: var(--soft); line-height: 1.5; }
.front article:first-child { grid-column: 1 / -1; padding-top: 0; border: 0; }
.front article:first-child h2 { font-size: clamp(2rem, 5vw, 3rem); line-height: 1.1; }
.front article:first-child p:last-child { max-width: 38rem; font-size: 1.25rem; }
a[data-fee-price]::after { vertical-align: .15em; font-family: system-ui, sans-serif;
  color: var(--accent); }
.story { max-width: 38rem; margin: 2.6rem auto 0; }
.story h1 { margin: 0; font-size: clamp(2.1rem, 6vw, 3.1rem); line-height: 1.1;
  letter-spacing: -.01em; text-wrap: balance; }
.standfirst { margin: 1rem 0 1.8rem; color: var(--soft); font-size: 1.3rem; line-height: 1.45;
  font-style: italic; }
.body p { margin: 0; hyphens: auto; text-wrap: pretty; }
.body p + p { text-indent: 1.6em; }
.body p:first-child::first-letter { float: left; margin: .07em .07em 0 0; color: var(--accent);
  font-size: 3.5em; line-height: .8; font-weight: 700; }
.sold { margin-top: 1.6rem; padding: 1.4rem 1.5rem; border: 1px solid var(--line);
  border-radius: 4px; }
.sold p { margin: 0; }
.sold b { white-space: nowrap; }
.sold p + p { margin-top: .5rem; color: var(--soft); }
.sold .how { margin-top: .9rem; color: var(--ink); font-size: 1.2rem; }
.fade { -webkit-mask-image: linear-gradient(#000 40%, transparent);
  mask-image: linear-gradient(#000 40%, transparent); }
.end { margin-top: 2.4rem; padding-top: 1rem; border-top: 1px solid var(--line);
  color: var(--soft); font-size: 1rem; }
.touch { display: none; }
@media (pointer: coarse) { .desk { display: none; } .touch { display: block; } }
`;

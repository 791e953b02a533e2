/** A contact sheet: pictures of one screen side by side, a row a state. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Picture {
  readonly screen: string;
  readonly state: string;
  /** Theme, or language. */
  readonly how: string;
  /** Beside the sheet. */
  readonly file: string;
}

const STYLE = `
  body { margin: 24px; background: #777; color: #fff; font: 15px system-ui; }
  h2 { margin: 24px 0 8px; font-size: 17px; }
  div { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
  figure { margin: 0; } figcaption { font-size: 12px; } img { display: block; max-width: 420px; }
`;

function sheetOf(screen: string, pictures: readonly Picture[]): string {
  const rows = Map.groupBy(pictures, ({ state }) => state);
  const figure = ({ file, how }: Picture) =>
    `<figure><img src="${file}"><figcaption>${how}</figcaption></figure>`;
  const row = ([state, all]: [string, Picture[]]) =>
    `<h2>${state}</h2><div>${all.map(figure).join('')}</div>`;
  const body = [...rows].map(row).join('');
  const head = `<meta charset="utf-8"><title>${screen}</title><style>${STYLE}</style>`;
  return `<!doctype html>${head}${body}`;
}

/** Writes a sheet for each screen, beside its pictures. */
export function writeSheets(folder: string, pictures: readonly Picture[]): void {
  for (const [screen, some] of Map.groupBy(pictures, (picture) => picture.screen))
    writeFileSync(join(folder, `${screen}.html`), sheetOf(screen, some));
}

/** The saved pages (ATTRIBUTION.md) and what is expected of each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'pages');

/** What detection says of a saved page as it is. */
export interface Expected {
  /** Links that a browser's parser makes of it: whoever finds others read another page. */
  readonly links: number;
  readonly feeLinks: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** By file name. */
export const EXPECTED = JSON.parse(
  readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8'),
) as Record<string, Expected>;

export const PAGE_NAMES = readdirSync(FOLDER).sort();

export function readSavedPage(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

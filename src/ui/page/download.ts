/** Files that the reader takes away: made in the page, sent nowhere. */

/** How long a browser may take to begin reading it. */
const KEPT_MS = 60_000;

export interface Download {
  readonly name: string;
  /** A media type. */
  readonly type: string;
  readonly text: string;
}

/** Hands a file to the browser, which keeps or asks where as it always does. */
export function saveFile({ name, type, text }: Download): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

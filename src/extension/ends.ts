/** Where a mark stands: behind the end of its link, over nothing that the page has drawn. */
import type { Link } from './press.ts';

export const SIZE_PX = 18;
/** Between the link and its mark. */
const GAP_PX = 3;

/** Where to draw, in pixels of the window. */
export interface End {
  readonly left: number;
  readonly top: number;
}

/** The last line of a link: parts of it where words and figures run different ways. */
function lastLine(link: Link): DOMRect | undefined {
  const rects = [...link.getClientRects()];
  const last = rects.at(-1);
  if (!last) return undefined;
  const line = rects.filter(({ bottom }) => bottom > last.top);
  const left = Math.min(...line.map((it) => it.left));
  const width = Math.max(...line.map((it) => it.right)) - left;
  return new DOMRect(left, last.top, width, last.height);
}

/** Where a link's last line ends; undefined out of sight, and where something lies over it. */
export function endOf(link: Link): End | undefined {
  const line = lastLine(link);
  if (!line || line.width === 0 || line.bottom < 0 || line.top > innerHeight) return undefined;
  const isRtl = getComputedStyle(link).direction === 'rtl';
  const over = document.elementFromPoint(
    isRtl ? line.left + 1 : line.right - 1,
    line.top + line.height / 2,
  );
  if (over && !link.contains(over) && !over.contains(link)) return undefined;
  const left = isRtl ? line.left - SIZE_PX - GAP_PX : line.right + GAP_PX;
  const most = document.documentElement.clientWidth - SIZE_PX;
  return { left: Math.max(0, Math.min(left, most)), top: line.top - SIZE_PX / 3 };
}

/**
 * Whether a reader sees the link that a press is on (trust, attack 4). A page can lay a link that
 * nobody sees under every press: such a press is asked about. What counts as seen is narrow: to be
 * asked once too often costs a moment, the other mistake money.
 */
import type { FeeLink } from './page.ts';

/** A point of the window in CSS pixels: `clientX`, `clientY`. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Anything thinner is a line or a dot; the smallest print is higher. */
const SIDE_PX_MIN = 6;
/** A link that takes up more of the window is no link among other things, it lies under them. */
const WINDOW_SHARE_MAX = 0.75;
/** Of what is fainter than half, rather what lies behind it is seen. */
const OPACITY_MIN = 0.5;
/** How far from its words a press is still on them: about a line up or down. */
const WORDS_PX_MAX = 48;
/** Pieces of text of a link that are looked at: more than anybody reads before a press. */
const TEXT_COUNT_MAX = 50;
/** What a page can do to make things fainter, beside `opacity`. */
const FAINT = /opacity|blur/;
/** Elements that draw by themselves. */
const DRAWN = 'img,svg,svg *,canvas,video';

const SHOW_TEXT = 4;

/** The parent as it is drawn: the slot of what is slotted, the host of what is in a root. */
function drawnParent({ assignedSlot, parentNode }: Element): Element | null {
  const parent = assignedSlot ?? parentNode;
  if (parent instanceof ShadowRoot) return parent.host;
  return parent instanceof Element ? parent : null;
}

/** `element` and all that it is drawn in, from the inside out. */
function drawnPath(element: Element): Element[] {
  const path: Element[] = [];
  for (let one: Element | null = element; one; one = drawnParent(one)) path.push(one);
  return path;
}

/** An area is seen by its picture. */
function pictureOf(area: HTMLAreaElement): Element | undefined {
  const name = area.closest('map')?.name;
  const root = area.getRootNode() as ParentNode;
  const pictures = root.querySelectorAll<HTMLImageElement>('img[usemap]');
  return [...pictures].find(({ useMap }) => name && useMap === `#${name}`);
}

/** What is shown of `element`: some browsers find an area where others find its picture. */
function shownOf(element: Element): Element | undefined {
  return element.localName === 'area' ? pictureOf(element as HTMLAreaElement) : element;
}

/** What is on top at `point`, inside open shadow roots too. */
function topAt(document: Document, { x, y }: Point): Element | undefined {
  let top = document.elementFromPoint(x, y);
  for (let root = top?.shadowRoot; root; root = top?.shadowRoot) {
    const inner = root.elementFromPoint(x, y);
    if (!inner || !root.contains(inner)) break;
    top = inner;
  }
  return top ? shownOf(top) : undefined;
}

/** Whether a computed colour hides more than it lets through. */
function isOpaque(color: string): boolean {
  const alpha = /(?:^rgba.*,|\/) *([\d.e-]+)(%?)\)$/.exec(color);
  return !alpha || Number(alpha[1]) / (alpha[2] ? 100 : 1) >= OPACITY_MIN;
}

/** Whether nothing on `path` makes its first element too faint to be seen. */
function isSolid(path: readonly Element[]): boolean {
  let opacity = 1;
  return path.every((one) => {
    const style = getComputedStyle(one);
    opacity *= Number(style.opacity);
    const isBlended = style.maskImage !== 'none' || style.mixBlendMode !== 'normal';
    return opacity >= OPACITY_MIN && !isBlended && !FAINT.test(style.filter);
  });
}

function isLarge({ width, height }: DOMRect): boolean {
  return width >= SIDE_PX_MIN && height >= SIDE_PX_MIN;
}

/** Whether `point` is in a box of `boxes` that is large enough, or at most `slackPx` beside it. */
function isIn(boxes: Iterable<DOMRect>, { x, y }: Point, slackPx: number): boolean {
  return [...boxes].some((box) => {
    const isBeside = x < box.left - slackPx || x > box.right + slackPx;
    const isAbove = y < box.top - slackPx || y > box.bottom + slackPx;
    return isLarge(box) && !isBeside && !isAbove;
  });
}

/** Whether `element` draws by itself, or has a ground of its own. */
function isDrawn(element: Element): boolean {
  const { backgroundImage, backgroundColor } = getComputedStyle(element);
  return element.matches(DRAWN) || backgroundImage !== 'none' || isOpaque(backgroundColor);
}

/** Whether words that can be read stand at `point` or beside it. */
function hasWordsAt(shown: Element, point: Point): boolean {
  const texts = shown.ownerDocument.createTreeWalker(shown, SHOW_TEXT);
  const range = shown.ownerDocument.createRange();
  for (let count = 0; count < TEXT_COUNT_MAX && texts.nextNode(); count++) {
    const { currentNode: text } = texts;
    const parent = text.parentElement;
    range.selectNodeContents(text);
    if (!parent || !text.nodeValue?.trim() || !isIn(range.getClientRects(), point, WORDS_PX_MAX))
      continue;
    const style = getComputedStyle(parent);
    const isInk = isOpaque(style.getPropertyValue('-webkit-text-fill-color') || style.color);
    if (isInk && style.visibility === 'visible' && isSolid(drawnPath(parent))) return true;
  }
  return false;
}

/** The middle of what is shown: where a press by key is. */
function middleOf(shown: Element): Point {
  const { left, top, width, height } = shown.getClientRects()[0] ?? shown.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}

/**
 * Whether `link` is what a reader sees at `point`: on top there, neither tiny nor as large as the
 * window, not faint, with words, a picture or a ground of its own. Without a point, for a press by
 * key, its middle is taken. Where a link is only a layer over something else it is not seen, and
 * what it cannot tell is a picture above the link that lets presses through.
 * @example isVisibleAt(link, { x: event.clientX, y: event.clientY })
 */
export function isVisibleAt(link: FeeLink, point?: Point): boolean {
  const view = link.ownerDocument.defaultView;
  const shown = shownOf(link);
  if (!view || !shown) return false;
  const at = point ?? middleOf(shown);
  const top = topAt(link.ownerDocument, at);
  const path = top ? drawnPath(top) : [];
  // On top of itself: nothing that is not inside the link covers it.
  if (!path.includes(shown) || !isSolid(path)) return false;
  const { width, height } = shown.getBoundingClientRect();
  if (width * height > WINDOW_SHARE_MAX * view.innerWidth * view.innerHeight) return false;
  const parts = path.slice(0, path.indexOf(shown) + 1);
  if (!parts.some((part) => isIn(part.getClientRects(), at, 0))) return false;
  return parts.some(isDrawn) || hasWordsAt(shown, at);
}

/**
 * The small mark beside a fee link: asks, one click, or already yours. It hangs over the page in a
 * closed shadow root, so that nothing on the page moves and nothing of it can be read or restyled.
 */
import { browser } from 'wxt/browser';
import type { OfferFields } from '../protocol/fields.ts';
import type { Mark } from '../wallet/marks.ts';
import { language, say } from '../words/say.ts';
import type { PageMessage } from './messages.ts';
import type { Labels, World } from './page.ts';
import { type Link, wordsOf } from './press.ts';

/** Links that are asked about in one message; the rest in the next. */
const BATCH_COUNT = 100;
const SIZE_PX = 13;
/** Below the note, above what pages put on top; by it the layer is known again. */
const LAYER_INDEX = '2147483000';
const SVG = 'http://www.w3.org/2000/svg';

/** The icon's coin; its quarter is lit where one click pays, a tick says that it is yours. */
const COIN = 'M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8z';
const QUARTER = 'M8.9.3A7.8 7.8 0 0 1 15.7 7H8.9z';
const TICK = 'M4.3 8.2l2.6 2.7 4.9-5.6';

const GREEN = 'light-dark(#14614b, #7fd1b3)';
const GOLD = 'light-dark(#d08a14, #f0b84f)';
const PAPER = 'light-dark(#fff, #14201b)';

function path(shape: string, style: string): SVGPathElement {
  const element = document.createElementNS(SVG, 'path');
  element.setAttribute('d', shape);
  element.style.cssText = style;
  return element;
}

function shapesOf(mark: NonNullable<Mark>): SVGPathElement[] {
  const line = `fill: none; stroke: ${GREEN}; stroke-width: 1.6`;
  if (mark === 'asks') return [path(COIN, `fill: ${PAPER}; stroke: ${GREEN}; stroke-width: 1.6`)];
  // A rim of paper, for pages of whatever colour.
  const coin = path(COIN, `fill: ${GREEN}; stroke: ${PAPER}; paint-order: stroke`);
  if (mark === 'one-click') return [coin, path(QUARTER, `fill: ${GOLD}; stroke: ${PAPER}`)];
  return [coin, path(TICK, `${line}; stroke: ${PAPER}; stroke-width: 2`)];
}

/** What a screen reader says of a mark, with the words of its link. */
const SAID = { asks: 'markAsks', 'one-click': 'markOneClick', yours: 'markYours' } as const;
/** Of the words of a link; who listens has heard them before. */
const WORDS_LENGTH_MAX = 80;

/** The mark names its link, since it stands apart: nothing on the link itself may change. */
function draw(mark: NonNullable<Mark>, link: Link): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const title = wordsOf(link).replace(/\s+/g, ' ').slice(0, WORDS_LENGTH_MAX);
  svg.setAttribute('role', 'img');
  svg.setAttribute('lang', language());
  svg.setAttribute('aria-label', say(SAID[mark], { title }));
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.style.cssText =
    `position: absolute; left: 0; top: 0; width: ${SIZE_PX}px; height: ${SIZE_PX}px; ` +
    'pointer-events: none; overflow: visible';
  svg.append(...shapesOf(mark));
  return svg;
}

/** A link in sight, what stands beside it, and for what that was drawn. */
interface Label {
  readonly fields: OfferFields;
  mark: Mark;
  drawn: SVGSVGElement | undefined;
}

/** Where a link's last line ends; undefined out of sight, and where something lies over it. */
function endOf(link: Link): { left: number; top: number } | undefined {
  const rects = link.getClientRects();
  const rect = rects[rects.length - 1];
  if (!rect || rect.width === 0 || rect.bottom < 0 || rect.top > innerHeight) return undefined;
  const isRtl = getComputedStyle(link).direction === 'rtl';
  const over = document.elementFromPoint(
    isRtl ? rect.left + 1 : rect.right - 1,
    rect.top + rect.height / 2,
  );
  if (over && !link.contains(over) && !over.contains(link)) return undefined;
  const left = isRtl ? rect.left - SIZE_PX - 1 : rect.right + 1;
  const most = document.documentElement.clientWidth - SIZE_PX;
  return { left: Math.max(0, Math.min(left, most)), top: rect.top - SIZE_PX / 3 };
}

async function askMarks(links: readonly [Link, Label][]): Promise<Mark[]> {
  const asked = links.map(([link, { fields }]) => ({ fields, href: link.href }));
  const message: PageMessage = { from: 'page', type: 'marks', links: asked };
  try {
    const reply: { marks: Mark[] } | undefined = await browser.runtime.sendMessage(message);
    return reply?.marks ?? [];
  } catch {
    // A stopped worker, or an orphan of an updated extension: the links are ordinary links.
    return [];
  }
}

/** Hangs over the page; made when there is the first mark. No rule of the page's counts for it. */
function makeLayer(): ShadowRoot {
  const host = document.createElement('div');
  host.style.cssText =
    'all: initial !important; color-scheme: inherit !important; position: absolute !important; ' +
    'top: 0 !important; left: 0 !important; width: 0 !important; height: 0 !important; ' +
    `z-index: ${LAYER_INDEX} !important`;
  const { documentElement: root } = document;
  // The marks of a former version of the extension, which nobody moves any more.
  for (const child of root.querySelectorAll<HTMLElement>(':scope > div'))
    if (child.style.zIndex === LAYER_INDEX) child.remove();
  root.append(host);
  return host.attachShadow({ mode: 'closed' });
}

/** Asks about links, some at a time, and hands on what is said of each. */
function keepAsking(
  labels: ReadonlyMap<Link, Label>,
  show: (label: Label, mark: Mark, link: Link) => void,
): (link: Link) => void {
  const unasked = new Set<Link>();

  async function ask(): Promise<void> {
    while (unasked.size > 0) {
      const links = [...unasked].slice(0, BATCH_COUNT).flatMap((link) => {
        unasked.delete(link);
        const label = labels.get(link);
        return label ? [[link, label] as [Link, Label]] : [];
      });
      const marks = await askMarks(links);
      links.forEach(([link, label], index) => {
        show(label, marks[index], link);
      });
    }
  }

  return (link) => {
    if (unasked.size === 0) queueMicrotask(() => void ask());
    unasked.add(link);
  };
}

/** Puts each mark where its link ends, before the next picture is drawn. */
function keepPlaces(labels: ReadonlyMap<Link, Label>, layer: () => ShadowRoot | undefined) {
  let isPlaced = true;

  function place(): void {
    isPlaced = true;
    const origin = layer()?.host.getBoundingClientRect();
    if (!origin) return;
    // All places are read before the first is written.
    const ends = [...labels].map(([link, label]) => [label, label.mark && endOf(link)] as const);
    for (const [{ drawn }, end] of ends) {
      if (!drawn) continue;
      drawn.style.display = end ? 'block' : 'none';
      if (end) drawn.style.translate = `${end.left - origin.left}px ${end.top - origin.top}px`;
    }
  }

  const placeSoon = () => {
    if (!isPlaced || labels.size === 0) return;
    isPlaced = false;
    requestAnimationFrame(place);
  };
  for (const event of ['scroll', 'resize', 'load', 'transitionend', 'toggle'] as const)
    window.addEventListener(event, placeSoon, { capture: true, passive: true });
  return placeSoon;
}

/** Draws marks beside links until the page goes. */
function keepLabels(): Labels {
  const labels = new Map<Link, Label>();
  let layer: ShadowRoot | undefined;
  const placeSoon = keepPlaces(labels, () => layer);
  const askSoon = keepAsking(labels, (label, mark, link) => {
    if (label.mark !== mark) {
      label.drawn?.remove();
      label.mark = mark;
      label.drawn = mark && draw(mark, link);
      layer ??= label.drawn && makeLayer();
      if (label.drawn) layer?.append(label.drawn);
    }
    placeSoon();
  });

  return {
    put(link, fields) {
      labels.get(link)?.drawn?.remove();
      labels.set(link, { fields, mark: undefined, drawn: undefined });
      askSoon(link);
    },
    drop(link) {
      labels.get(link)?.drawn?.remove();
      labels.delete(link);
      placeSoon();
    },
    refresh() {
      for (const link of labels.keys()) askSoon(link);
    },
  };
}

/** Takes over from the script that watches the page. */
export function bringLabels(): void {
  const world = globalThis as World;
  world.takeLabels?.(keepLabels());
  delete world.takeLabels;
}

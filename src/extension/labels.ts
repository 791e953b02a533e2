/**
 * The small mark beside a fee link: asks, one click, or already yours. It hangs over the page in a
 * closed shadow root, so that nothing on the page moves and nothing of it can be read or restyled.
 */
import { browser } from 'wxt/browser';
import type { OfferFields } from '../protocol/fields.ts';
import type { Mark } from '../wallet/payment/marks.ts';
import { language, say } from '../words/say.ts';
import { type End, endOf, SIZE_PX } from './ends.ts';
import { GLYPH_BOX, GLYPHS, type Shape } from './glyphs.ts';
import type { PageMessage } from './messages.ts';
import type { Labels, World } from './page.ts';
import { type Link, wordsOf } from './press.ts';

/** Links that are asked about in one message; the rest in the next. */
const BATCH_COUNT = 100;
/** Below the note, above what pages put on top; by it the layer is known again. */
const LAYER_INDEX = '2147483000';
const SVG = 'http://www.w3.org/2000/svg';

function path({ shape, style }: Shape): SVGPathElement {
  const element = document.createElementNS(SVG, 'path');
  element.setAttribute('d', shape);
  element.style.cssText = style;
  return element;
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
  svg.setAttribute('viewBox', GLYPH_BOX);
  svg.style.cssText =
    `position: absolute; left: 0; top: 0; width: ${SIZE_PX}px; height: ${SIZE_PX}px; ` +
    'pointer-events: none; overflow: visible';
  svg.append(...GLYPHS[mark].map(path));
  return svg;
}

/** A link in sight, what stands beside it, and for what that was drawn. */
interface Label {
  readonly fields: OfferFields;
  mark: Mark;
  drawn: SVGSVGElement | undefined;
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

function stand({ style }: SVGSVGElement, end: End | undefined, origin: DOMRect): void {
  style.display = end ? 'block' : 'none';
  if (!end) return;
  style.translate = `${end.left - origin.left}px ${end.top - origin.top}px`;
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
    for (const [{ drawn }, end] of ends) if (drawn) stand(drawn, end, origin);
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

/**
 * What is for sale on a page as it changes, told of in batches (SPEC 3.9): links and tags that
 * come, go or change, another `<base>`, another address of a single-page app, open shadow roots, a
 * return from the back-forward cache. Reads only, and knows no clock.
 *
 * One observer for the whole tree stays on every page, also on one without markup: a page that
 * draws itself has its markup late, and nothing else tells of that. A page that stands still pays
 * nothing for it, and a batch of changes as much as was inserted (`npm run bench`).
 */
import type { OfferFields } from '../protocol/fields.ts';
import { isFramed, LINK_FIELDS, pageFields } from './page.ts';
import { keepShadows } from './shadows.ts';
import { keepTold, LINK_COUNT_MAX, type OffersChange } from './told.ts';
import { keepTouched } from './touched.ts';

/** Links by their price, and the tags that say something of the page and all its links. */
const MARKUP = 'a[data-fee-price],area[data-fee-price],meta[name^="fee:" i]';
/** Elements whose attributes say something. */
const MARKED = 'a,area,meta,base';

const OBSERVED: MutationObserverInit = {
  subtree: true,
  childList: true,
  attributeFilter: ['href', 'name', 'content', ...LINK_FIELDS.map((name) => `data-fee-${name}`)],
};

/** How a page is watched. */
export interface WatchOptions {
  /** Hears what changed, at first all that is there; never called for nothing. */
  onChange(change: OffersChange): void;
  /** Does `work` once, soon. How soon bounds what a page that never rests can cost. */
  schedule(work: () => void): void;
}

/** A page that is being watched. */
export interface Watch {
  /** Nothing is told from then on. */
  stop(): void;
}

/** What of `nodes`, itself or inside, may be a fee link; and whether a tag of the page is there. */
function readMarkup(nodes: readonly Node[]): { links: Set<Element>; hasMeta: boolean } {
  const links = new Set<Element>();
  let hasMeta = false;
  const read = (element: Element) => {
    if (element.localName === 'meta') hasMeta = true;
    else if (links.size < LINK_COUNT_MAX) links.add(element);
  };
  for (const node of nodes) {
    if (/^(a|area|meta)$/.test((node as Element).localName)) read(node as Element);
    (node as ParentNode).querySelectorAll(MARKUP).forEach(read);
  }
  return { links, hasMeta };
}

/** Reads the page again and again, each time what was touched since the last. */
interface Reader {
  /** From now on; everything counts as touched. */
  begin(): void;
  look(): void;
  /** Until `begin`, which tells everything again. */
  rest(): void;
}

function keepReader(
  document: Document,
  { onChange, onTouched }: Pick<WatchOptions, 'onChange'> & { onTouched(): void },
): Reader {
  const touched = keepTouched(document);
  const told = keepTold();
  const touch = (node: Node) => {
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    touched.add(node);
    onTouched();
  };
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes, removedNodes } of records) {
      if (type === 'attributes' && (target as Element).matches(MARKED)) touch(target);
      addedNodes.forEach(touch);
      removedNodes.forEach(touch);
    }
  });
  const observe = (root: Node) => observer.observe(root, OBSERVED);
  const shadows = keepShadows(observe);
  let page: OfferFields = {};
  let base = '';

  return {
    begin() {
      observe(document);
      touched.add(document);
    },
    look() {
      const nodes = touched.take();
      const isWhole = nodes.includes(document);
      const known = isWhole ? shadows.list() : [];
      const found = shadows.search(nodes.filter((node) => node.isConnected));
      const { links, hasMeta } = readMarkup([...nodes, ...known, ...found]);
      const isPage = isWhole || hasMeta;
      if (isPage) page = pageFields(document);
      const isAll = isPage || base !== document.baseURI || links.size >= LINK_COUNT_MAX;
      base = document.baseURI;
      const address = document.URL.replace(/#.*/, '');
      const change = told.tell({ address, page, touched: links, isAll });
      if (change) onChange(change);
    },
    rest() {
      observer.disconnect();
      shadows.clear();
      told.forget();
    },
  };
}

/**
 * Watches what is for sale on `document` and tells of it, until `stop`. Tells nothing of a document
 * in a frame (SPEC 3.10), nor of one that is only prepared until it is shown; a page that is kept
 * for going back rests, and on return tells everything anew.
 * @example
 * watchOffers(document, {
 *   onChange: ({ page, added }) => { … },
 *   schedule: (work) => setTimeout(work, 100),
 * });
 */
export function watchOffers(document: Document, { onChange, schedule }: WatchOptions): Watch {
  const view = document.defaultView;
  if (!view || isFramed(document)) return { stop() {} };
  const stopper = new AbortController();
  const { signal } = stopper;
  let state: 'resting' | 'idle' | 'due' = 'resting';
  const look = () => {
    if (state !== 'due') return;
    state = 'idle';
    reader.look();
  };
  const later = () => {
    if (state !== 'idle') return;
    state = 'due';
    schedule(look);
  };
  const reader = keepReader(document, { onChange, onTouched: later });
  const begin = () => {
    reader.begin();
    state = 'due';
    look();
  };
  const rest = () => {
    state = 'resting';
    reader.rest();
  };
  view.addEventListener('pagehide', rest, { signal });
  view.addEventListener('pageshow', ({ persisted }) => persisted && begin(), { signal });
  view.addEventListener('popstate', later, { signal });
  // What scripts drew until then may have its shadow roots by now.
  view.addEventListener('load', later, { signal });
  // Not every browser tells of `history.pushState`; elsewhere the next change of the page does.
  view.navigation?.addEventListener('currententrychange', later, { signal });
  if (isPrepared(document)) document.addEventListener('prerenderingchange', begin, { signal });
  else begin();
  return {
    stop() {
      stopper.abort();
      rest();
    },
  };
}

/** Whether the document was loaded ahead of being asked for; only some browsers do that. */
function isPrepared(document: Document & { readonly prerendering?: boolean }): boolean {
  return document.prerendering === true;
}

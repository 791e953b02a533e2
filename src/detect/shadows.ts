/**
 * The open shadow roots of a page, as far as they can be seen (SPEC 3.9). No browser tells when a
 * root is attached: an element is looked at when it appears, and one that may get its root later,
 * a custom element without one, again with every later batch of changes.
 */

/** Each root is observed by itself; past this many a page is built of nothing else. */
const SHADOW_COUNT_MAX = 1000;
/** Custom elements that are looked at again with each batch; most have their root at once. */
const WAITING_COUNT_MAX = 1000;
/** Elements that one batch looks at: 3 ms. A press in what is beyond is read all the same. */
const LOOK_COUNT_MAX = 20_000;

const SHOW_ELEMENT = 1;

/** The open roots that are watched. */
export interface Shadows {
  /** The roots of `nodes` and those that were waited for: what is new among them. */
  search(nodes: readonly Node[]): ShadowRoot[];
  /** Those that were part of the page at the last search. */
  list(): ShadowRoot[];
  clear(): void;
}

/** Keeps the open roots of a page; `onFound` hears of each new one. */
export function keepShadows(onFound: (root: ShadowRoot) => void): Shadows {
  const known = new Set<ShadowRoot>();
  const waiting = new Set<Element>();

  const look = (element: Element, found: ShadowRoot[]) => {
    const root = element.shadowRoot;
    if (!root) {
      if (element.localName?.includes('-') && waiting.size < WAITING_COUNT_MAX)
        waiting.add(element);
      return;
    }
    waiting.delete(element);
    if (known.has(root) || known.size >= SHADOW_COUNT_MAX) return;
    known.add(root);
    found.push(root);
    onFound(root);
  };

  return {
    search(nodes) {
      for (const root of known) if (!root.isConnected) known.delete(root);
      const found: ShadowRoot[] = [];
      let left = LOOK_COUNT_MAX;
      for (const element of waiting) {
        if (element.isConnected) look(element, found);
        else waiting.delete(element);
      }
      const lookInside = (top: Node) => {
        const walker = (top.ownerDocument ?? (top as Document)).createTreeWalker(top, SHOW_ELEMENT);
        for (let node: Node | null = top; node && left > 0; node = walker.nextNode()) {
          left -= 1;
          look(node as Element, found);
        }
      };
      nodes.forEach(lookInside);
      // A root holds elements with roots of their own: the list grows while it is read.
      for (const root of found) lookInside(root);
      return found;
    },
    list: () => [...known],
    clear: () => known.clear(),
  };
}

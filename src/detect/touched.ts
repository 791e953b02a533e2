/** The parts of a page that its changes touched, until they are read: each part once. */

/** Past this many the whole page is read in their place, which costs less. */
const TOUCHED_COUNT_MAX = 1000;

/** Elements that were added, removed or changed since the last `take`. */
export interface Touched {
  add(node: Node): void;
  /** The topmost of them; `document` alone for everything. */
  take(): Node[];
}

/** Those of `nodes` that are inside no other: as many steps as they have ancestors together. */
function topmost(nodes: ReadonlySet<Node>): Node[] {
  const isInside = new Map<Node, boolean>();
  return [...nodes].filter((node) => {
    const path: Node[] = [];
    let up = node.parentNode;
    for (; up && !nodes.has(up) && !isInside.has(up); up = up.parentNode) path.push(up);
    const inside = up !== null && (isInside.get(up) ?? true);
    for (const step of path) isInside.set(step, inside);
    return !inside;
  });
}

/** Nothing touched yet; `document` is what stands for everything. */
export function keepTouched(document: Document): Touched {
  let nodes = new Set<Node>();
  return {
    add(node) {
      if (nodes.size >= TOUCHED_COUNT_MAX) nodes = new Set([document]);
      if (!nodes.has(document)) nodes.add(node);
    },
    take() {
      const all = nodes.has(document) ? [document] : topmost(nodes);
      nodes = new Set();
      return all;
    },
  };
}

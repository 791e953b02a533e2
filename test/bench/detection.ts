/**
 * What detection costs a page, in a real Chromium and a world of its own as the wallet's script has
 * one: nodes are inserted at once, and what it does of it is timed beside a bare observer that only
 * walks over the same nodes, in turn. It also reads the fields of each link, as a label needs them.
 */
import type { Page } from 'puppeteer-core';
import { bundleDetection, launchPlain, servePages } from '../support/detection.ts';
import type {} from '../support/in-page.ts';

const ROUNDS = 41;

/** What is inserted in one round. */
interface Load {
  readonly nodes: number;
  readonly links: number;
}

const LOADS: readonly Load[] = [
  { nodes: 5000, links: 500 },
  { nodes: 50_000, links: 5000 },
  { nodes: 5000, links: 0 },
];

/** One load, timed. */
export interface DetectionTiming extends Load {
  /** Medians of the rounds, in milliseconds. */
  readonly walkMs: number;
  readonly detectionMs: number;
  /** The median of the rounds' ratios of the second to the first. */
  readonly ratio: number;
}

/** Runs in the page: the times of each round, `[walk, detection]`, in milliseconds. */
async function timeInPage({ nodes, links }: Load, rounds: number): Promise<[number, number][]> {
  const items = Array.from({ length: nodes / 5 }, (_, at) => {
    const link =
      at % (nodes / 5 / Math.max(links, 1)) === 0 && links > 0
        ? `<a href="/x/${at}" data-fee-price="0.02 USD" data-fee-title="Item ${at}">Item</a>`
        : `<a href="/x/${at}">Item</a>`;
    return `<li><p><b>${at}</b>${link}</p><i>text</i></li>`;
  });
  const markup = items.join('');
  const insert = () => {
    document.body.innerHTML = `<main>${markup}</main>`;
  };
  const clear = async () => {
    document.body.replaceChildren();
    await new Promise((resolve) => setTimeout(resolve));
  };

  const walk = async (): Promise<number> => {
    let count = 0;
    let spentMs = 0;
    const observer = new MutationObserver((records) => {
      const startMs = performance.now();
      for (const { addedNodes } of records)
        for (const node of addedNodes) {
          const walker = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT);
          do if (walker.currentNode.nodeName === 'A') count += 1;
          while (walker.nextNode());
        }
      spentMs += performance.now() - startMs;
    });
    observer.observe(document, { subtree: true, childList: true });
    insert();
    await Promise.resolve();
    observer.disconnect();
    if (count !== nodes / 5) throw new Error(`walked over ${count} links`);
    await clear();
    return spentMs;
  };

  const detect = async (): Promise<number> => {
    let count = 0;
    const due: (() => void)[] = [];
    const { stop } = detection.watchOffers(document, {
      onChange: ({ added }) => {
        count += added.filter(({ fields }) => fields.price).length;
      },
      schedule: (work) => due.push(work),
    });
    insert();
    const startMs = performance.now();
    await Promise.resolve();
    for (const work of due) work();
    const spentMs = performance.now() - startMs;
    stop();
    if (count !== links) throw new Error(`found ${count} fee links`);
    await clear();
    return spentMs;
  };

  const times: [number, number][] = [];
  for (let round = 0; round < rounds; round++) times.push([await walk(), await detect()]);
  return times;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The page's world of its own, where the wallet's script would run: what is evaluated there. */
async function openWorld(page: Page): Promise<(expression: string) => Promise<unknown>> {
  const session = await page.createCDPSession();
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  return async (expression) => {
    const options = { contextId, expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description);
    return result.value;
  };
}

/** Times every load. */
export async function timeDetection(): Promise<DetectionTiming[]> {
  const server = await servePages(() => '<!DOCTYPE html><title>Bench</title><body>');
  const browser = await launchPlain('chromium');
  try {
    const page = await browser.newPage();
    await page.goto(server.origin);
    const evaluate = await openWorld(page);
    await evaluate(await bundleDetection());
    const timings: DetectionTiming[] = [];
    for (const load of LOADS) {
      const call = `(${timeInPage})(${JSON.stringify(load)}, ${ROUNDS + 1})`;
      // One round more: the first only warms up.
      const times = ((await evaluate(call)) as [number, number][]).slice(1);
      timings.push({
        ...load,
        walkMs: median(times.map(([walkMs]) => walkMs)),
        detectionMs: median(times.map(([, detectionMs]) => detectionMs)),
        ratio: median(times.map(([walkMs, detectionMs]) => detectionMs / walkMs)),
      });
    }
    return timings;
  } finally {
    await browser.close();
    server.close();
  }
}

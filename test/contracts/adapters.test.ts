/** The contract of adapters on each of them, over real HTTP on this machine. */
import { describe, it } from 'vitest';
import { ADAPTER_FACTS } from './adapter.ts';
import { openScene } from './scene.ts';
import { openExpressSite, openFastifySite } from './sites/node.ts';
import type { OpenSite } from './sites/site.ts';
import { openFetchSite, openHonoSite, openNextSite } from './sites/web.ts';

const SITES: Record<string, OpenSite> = {
  fetch: openFetchSite,
  hono: openHonoSite,
  next: openNextSite,
  express: openExpressSite,
  fastify: openFastifySite,
};

describe.each(Object.entries(SITES))('the %s adapter', (_, open) => {
  it.each(ADAPTER_FACTS)('$fact', async (fact) => {
    const scene = await openScene(open, fact);
    try {
      await fact.check(scene);
    } finally {
      await scene.site.close();
    }
  });
});

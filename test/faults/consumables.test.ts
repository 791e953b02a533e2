/**
 * What is used up at once (`PT0S`, SPEC 7.9) between the real wallet, seller and provider in Node:
 * each press is a purchase and opens one page, whatever is lost or killed in between.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dieDuring } from '../support/mortal.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeTab, type Tab } from '../support/tab.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const TERMS = { duration: 'PT0S', refund: 'PT10M' };

const provider = useProvider();
let shop: RunningShop;
let tab: Tab;
let reader: Reader;
let profiles = 0;

beforeEach(async () => {
  shop = await startShop(provider.issuer, { handle: `once-${++profiles}`, ...TERMS });
  [reader, tab] = await openReader();
});

afterEach(() => shop.close());

async function openReader(name = `once-${++profiles}`): Promise<[Reader, Tab]> {
  const front = makeTab(`${shop.origin}/`);
  const opened = makeReader(name, front.within);
  await opened.wallet.open(new URL(provider.issuer).host);
  return [opened, front];
}

const linkTo = (name: string, pressId?: string) => ({
  ...pressOn(shop.origin, `/articles/${name}`, { payto: shop.payto, ...TERMS }),
  pressId,
});

/** A press in the tab, which is where the link is; a yes where that is asked. */
async function buy(name: string, remember = false) {
  tab.address = `${shop.origin}/`;
  const decision = await reader.wallet.press(linkTo(name));
  if (decision.kind !== 'ask') return decision;
  return reader.wallet.pay({ askId: decision.ask.id, remember });
}

const charges = async () => (await shop.accepted()).charges;

it('the question says that it is used up, and the page opens', async () => {
  const decision = await reader.wallet.press(linkTo('a'));
  expect(await reader.wallet.openIn(7)).toMatchObject({ kind: 'ask', durationSec: 0 });
  if (decision.kind !== 'ask') throw new Error(decision.kind);
  reader.requests.length = 0;
  expect((await reader.wallet.pay({ askId: decision.ask.id, remember: false })).kind).toBe('paid');
  expect(reader.requests).toEqual(['POST /v1/purses', 'GET /articles/a']);
  expect(tab.seen).toEqual([200]);
});

it('a reload is for sale and pays nothing by itself', async () => {
  await buy('a', true);
  expect(await tab.go(tab.address)).toBe(402);
  const page = { ...linkTo('a'), pageUrl: tab.address };
  expect(await reader.wallet.renew({ ...page, tabId: 7 })).toBe(false);
  expect(await reader.wallet.offer(page)).toMatchObject({ kind: 'ask', amount: '20000' });
  expect(await charges()).toBe(1);
});

it('each click is a purchase, counted against the limits', async () => {
  await buy('a', true);
  await reader.wallet.topUp('5000000');
  for (let count = 2; count <= 25; count++) {
    reader.clock.aheadMs += 10_000;
    expect((await buy('a')).kind).toBe('paid');
  }
  reader.clock.aheadMs += 10_000;
  tab.address = `${shop.origin}/`;
  expect(await reader.wallet.press(linkTo('a'))).toMatchObject({
    kind: 'ask',
    ask: { reasons: ['over-seller-day'] },
  });
  expect(tab.seen).toEqual(Array.from({ length: 25 }, () => 200));
  expect(await charges()).toBe(25);
});

it('it is never said to be the reader’s', async () => {
  await buy('a', true);
  expect(await reader.wallet.marks([linkTo('a')])).toEqual(['one-click']);
});

it('a double click is one purchase, and one press told of twice too', async () => {
  await buy('a', true);
  reader.clock.aheadMs += 10_000;
  tab.address = `${shop.origin}/`;
  const [first, second] = await Promise.all([1, 2].map(() => reader.wallet.press(linkTo('a'))));
  expect([first?.kind, second?.kind]).toEqual(['paid', 'paid']);
  tab.address = `${shop.origin}/`;
  expect((await reader.wallet.press(linkTo('a'))).kind).toBe('paid');
  expect(await charges()).toBe(2);

  reader.clock.aheadMs += 10_000;
  await reader.wallet.press(linkTo('a', 'slow'));
  reader.clock.aheadMs += 10_000;
  tab.address = `${shop.origin}/`;
  expect((await reader.wallet.press(linkTo('a', 'slow'))).kind).toBe('paid');
  expect(await charges()).toBe(3);
});

it('two tabs are two purchases', async () => {
  await buy('a', true);
  reader.clock.aheadMs += 10_000;
  tab.address = `${shop.origin}/`;
  const other = { ...linkTo('a'), tabId: 8 };
  const both = await Promise.all([reader.wallet.press(linkTo('a')), reader.wallet.press(other)]);
  expect(both.map(({ kind }) => kind)).toEqual(['paid', 'paid']);
  expect(await charges()).toBe(3);
  // One went to the other tab, which is nowhere here: its page still waits behind the link.
  const again = () => tab.go(`${shop.origin}/articles/a`);
  expect([await again(), await again()]).toEqual([200, 402]);
});

it('an answer that is lost is the same charge again, and the page opens once', async () => {
  shop.faults.push('lose-reply', 'bad-gateway');
  expect((await buy('a')).kind).toBe('waiting');
  for (let turn = 0; turn < 2; turn++) await reader.passTime();
  expect(await charges()).toBe(1);
  expect(tab.seen).toEqual([200]);
  expect(await reader.wallet.view()).toMatchObject({ yours: '230000', spentToday: '20000' });
});

it('what was paid can be undone', async () => {
  await buy('a');
  const [payment] = (await reader.wallet.view()).latest;
  await reader.wallet.undo(payment?.id ?? '');
  expect((await reader.wallet.view()).latest).toMatchObject([{ undo: 'granted' }]);
  expect(await charges()).toBe(1);
});

describe('what was paid without the cookies of its tab', () => {
  const url = () => `${shop.origin}/articles/a`;
  const page = () => ({ ...linkTo('a'), pageUrl: url() });

  /** The tab is closed while its charge is under way, and another one opened since. */
  const payInLostTab = async () => {
    await buy('before', true);
    tab.address = `${shop.origin}/`;
    reader.clock.aheadMs += 10_000;
    shop.faults.push('bad-gateway');
    expect((await reader.wallet.press(linkTo('a'))).kind).toBe('waiting');
    tab.isUsable = false;
    tab.address = '';
    await reader.passTime();
    tab.isUsable = true;
    reader.clock.aheadMs += 10_000;
    expect(await charges()).toBe(2);
  };

  /** The page that sells itself forbids all requests, and the wallet is not let in. */
  const payOnShutPage = async () => {
    tab.address = url();
    tab.isUsable = false;
    const offered = await reader.wallet.offer(page());
    const askId = offered?.kind === 'ask' ? offered.id : '';
    expect((await reader.wallet.pay({ askId, remember: false })).kind).toBe('paid');
    tab.isUsable = true;
    expect(tab.seen).toEqual([402]);
  };

  const open = async () => {
    const offered = await reader.wallet.offer(page());
    if (offered?.kind !== 'owned') throw new Error(`it is ${offered?.kind}`);
    await reader.wallet.reopen({ paymentId: offered.payment.id, tabId: 7 });
  };

  it('opens where the reader comes to it again, and is for sale from then on', async () => {
    await payInLostTab();
    expect(await tab.go(url())).toBe(402);
    await open();
    expect(await reader.wallet.offer(page())).toMatchObject({ kind: 'ask', amount: '20000' });
    expect(tab.seen.slice(1)).toEqual([402, 200]);
    expect(await charges()).toBe(2);
  });

  it('opens by the next press on a link to it, and the one after that pays', async () => {
    await payInLostTab();
    tab.address = `${shop.origin}/`;
    expect((await reader.wallet.press(linkTo('a'))).kind).toBe('owned');
    expect(await tab.go(url())).toBe(200);
    tab.address = `${shop.origin}/`;
    expect((await reader.wallet.press(linkTo('a'))).kind).toBe('paid');
    expect(await charges()).toBe(3);
  });

  it('opens on the page that sells itself, once its tab can be used', async () => {
    await payOnShutPage();
    await open();
    expect(tab.seen).toEqual([402, 200]);
    expect(await reader.wallet.offer(page())).toMatchObject({ kind: 'ask' });
    expect(await charges()).toBe(1);
  });

  it('is asked for once where it was used', async () => {
    await buy('a');
    reader.requests.length = 0;
    const looks = [await reader.wallet.offer(page()), await reader.wallet.offer(page())];
    expect(looks.map((look) => look?.kind)).toEqual(['ask', 'ask']);
    expect(reader.requests).toEqual(['GET /articles/a']);
  });

  it('is for sale without a look after ten minutes', async () => {
    await payOnShutPage();
    reader.clock.aheadMs += 600_000;
    reader.requests.length = 0;
    expect(await reader.wallet.offer(page())).toMatchObject({ kind: 'ask' });
    expect(reader.requests).toEqual([]);
  });

  it('is not for sale while its seller does not answer', async () => {
    await payOnShutPage();
    shop.faults.push('bad-gateway');
    expect(await reader.wallet.offer(page())).toMatchObject({ kind: 'owned' });
    await open();
    expect(tab.seen).toEqual([402, 200]);
  });

  it('stays undone where it is undone while its seller is asked for it', async () => {
    const meanwhile: (() => Promise<void>)[] = [];
    reader = makeReader(`once-${++profiles}`, (ports) =>
      tab.within({
        ...ports,
        fetch: async (...request) => {
          await meanwhile.pop()?.();
          return ports.fetch(...request);
        },
      }),
    );
    await reader.wallet.open(new URL(provider.issuer).host);
    await payOnShutPage();
    const [payment] = (await reader.wallet.view()).latest;
    meanwhile.push(() => reader.wallet.undo(payment?.id ?? ''));
    expect(await reader.wallet.offer(page())).toMatchObject({ kind: 'ask' });
    expect((await reader.wallet.view()).latest).toMatchObject([{ undo: 'granted' }]);
  });

  it('is for sale again when it was undone', async () => {
    await payOnShutPage();
    const [payment] = (await reader.wallet.view()).latest;
    await reader.wallet.undo(payment?.id ?? '');
    expect(await reader.wallet.offer(page())).toMatchObject({ kind: 'ask' });
  });
});

describe('a worker killed at each step of a press', () => {
  const ready = async (profile: string) => {
    [reader, tab] = await openReader(profile);
    await buy('before', true);
    tab.address = `${shop.origin}/`;
    tab.seen.length = 0;
  };

  it('pays once and opens one page', async () => {
    await ready(`once-${++profiles}`);
    const press = (doomed: Reader) => doomed.wallet.press(linkTo('dry', 'one'));
    const dry = await dieDuring(`once-${profiles}`, Number.POSITIVE_INFINITY, press, tab.within);
    for (let dieAt = 1; dieAt <= dry.steps.length; dieAt++) {
      const profile = `once-${++profiles}`;
      await ready(profile);
      const before = await charges();
      await dieDuring(profile, dieAt, press, tab.within);
      // The new worker goes on, and the page, while it is there, tells of its press again.
      const back = makeReader(profile, tab.within);
      const isThere = tab.address === `${shop.origin}/`;
      await Promise.all([back.wallet.resume(), isThere && press(back)]);
      await back.passTime();
      const where = `killed ${dry.steps[dieAt - 1]} (step ${dieAt})`;
      expect((await charges()) - before, where).toBe(1);
      expect(tab.seen, where).toEqual([200]);
      await back.wallet.refresh();
      expect((await back.wallet.view()).yours, where).toBe('210000');
    }
  });

  it('pays a page that sells itself once, and opens it at most once', async () => {
    const url = () => `${shop.origin}/articles/self`;
    const sayYes = async (doomed: Reader) => {
      const offered = await doomed.wallet.offer({ ...linkTo('self'), pageUrl: url() });
      const asked = offered?.kind === 'ask' ? offered.id : '';
      return doomed.wallet.pay({ askId: asked, remember: false });
    };
    await ready(`once-${++profiles}`);
    tab.address = url();
    const dry = await dieDuring(`once-${profiles}`, Number.POSITIVE_INFINITY, sayYes, tab.within);
    for (let dieAt = 1; dieAt <= dry.steps.length; dieAt++) {
      const profile = `once-${++profiles}`;
      await ready(profile);
      tab.address = url();
      const before = await charges();
      await dieDuring(profile, dieAt, sayYes, tab.within);
      const back = makeReader(profile, tab.within);
      await back.wallet.resume();
      await back.passTime();
      const where = `killed ${dry.steps[dieAt - 1]} (step ${dieAt})`;
      expect((await charges()) - before, where).toBeLessThanOrEqual(1);
      expect(tab.seen, where).not.toContain(402);
      const opened = tab.seen.length;
      // What was paid and not opened waits behind the address, without another payment.
      const isPaid = (await charges()) > before;
      expect(opened === 1 || !isPaid || (await tab.go(url())) === 200, where).toBe(true);
    }
  });
});

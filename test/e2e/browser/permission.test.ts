/** The wallet may do nothing anywhere until the reader asks (screens.md 1). */
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clearCookies,
  closePopup,
  createWallet,
  follow,
  headingOf,
  offerOn,
  openStage,
  type Stage,
  sayYes,
  settled,
  shownIn,
  shutOut,
  visit,
  walletRequests,
  wished,
} from '../../support/stage.ts';

let stage: Stage;

/** Presses the icon over `page`, says yes, and answers the popup that says that it is paid. */
async function buyByIcon(page: Page): Promise<Page> {
  const popup = await stage.pressIcon(page);
  await popup.waitForSelector('.ask-what');
  await Promise.all([page.waitForNavigation(), sayYes(popup)]);
  await popup.waitForSelector('::-p-text(is open in your tab)');
  return popup;
}

/** Whether the history says that `title` is paid. */
async function paidFor(title: string): Promise<boolean> {
  const screen = await stage.walletPage('/popup.html?tab=0');
  const reply = await screen.evaluate(() => {
    type Api = { runtime: { sendMessage(message: object): Promise<{ value: History }> } };
    type History = { entries: { title: string; state: string }[] };
    const world = globalThis as unknown as { browser?: Api; chrome: Api };
    return (world.browser ?? world.chrome).runtime.sendMessage({ from: 'screen', type: 'history' });
  });
  await screen.close();
  return reply.value.entries.some((it) => it.title === title && it.state === 'paid');
}

describe('as it is installed', () => {
  beforeAll(async () => {
    stage = await openStage({ build: 'real' });
    await createWallet(stage);
  });

  afterAll(() => stage.close());

  it('the browser warns of nothing', async () => {
    const screen = await stage.walletPage('/popup.html?tab=0');
    const warnings = await screen.evaluate(async () => {
      type Api = {
        runtime: { getManifest(): object };
        management?: { getPermissionWarningsByManifest?(manifest: string): Promise<string[]> };
      };
      const { management, runtime } = (globalThis as unknown as { chrome: Api }).chrome;
      return management?.getPermissionWarningsByManifest?.(JSON.stringify(runtime.getManifest()));
    });
    // Firefox has no such question to ask; it shows nothing for optional sites.
    expect(warnings ?? []).toEqual([]);
    await screen.close();
  });

  it('over a page that leads to what is for sale it says what that costs', async () => {
    const page = await visit(stage);
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('.links');
    expect(await shownIn(popup, '.links')).toMatch(/^7 links here cost ¼¢ to 2¢ each/);
    expect(await shownIn(popup, '.links')).toContain('then press the Farthing button there');
    await closePopup(popup);
    await page.close();
  });

  it('Chromium itself lights the icon up where a price is shown, and tells nobody', async () => {
    const screen = await stage.walletPage('/popup.html?tab=0');
    const rules = await screen.evaluate(async () => {
      type Rule = { conditions: { css?: string[] }[]; actions: { instanceType: string }[] };
      type Changed = { getRules(ids: undefined, done: (rules: Rule[]) => void): void };
      const api = globalThis as unknown as {
        chrome?: { declarativeContent?: { onPageChanged: Changed } };
      };
      const changed = api.chrome?.declarativeContent?.onPageChanged;
      return changed && new Promise<Rule[]>((done) => changed.getRules(undefined, done));
    });
    await screen.close();
    // Firefox has no such thing.
    if (stage.name === 'firefox') return expect(rules).toBeUndefined();
    const [rule] = rules ?? [];
    expect(rules).toHaveLength(1);
    expect(rule?.actions).toMatchObject([{ instanceType: 'declarativeContent.SetIcon' }]);
    const [shown = ''] = rule?.conditions[0]?.css ?? [];
    for (const path of ['/', '/articles/moon']) {
      const page = await visit(stage, path);
      // The condition does not match what nobody sees.
      await page.waitForSelector(shown, { visible: true });
      await page.close();
    }
    return undefined;
  });

  it('nothing of it runs on a page that is for sale', async () => {
    const page = await visit(stage);
    const requests = await walletRequests(() => follow(page, '#tides'));
    expect(requests).toEqual([]);
    expect(await offerOn(page)).toContain('2¢');
    await page.close();
  });

  it('a press on the icon and a yes buy it: two requests, and the article opens', async () => {
    const page = await visit(stage, '/articles/moon');
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('.ask-what');
    const requests = await walletRequests(() =>
      Promise.all([page.waitForNavigation(), sayYes(popup)]),
    );
    expect(await headingOf(page)).toBe('The article moon');
    expect(requests).toEqual(['POST /v1/purses', 'GET /articles/moon']);
    await closePopup(popup);
    await page.close();
  });

  it('what is bought opens by a press on the icon where its pass is lost', async () => {
    const before = await stage.shop.accepted();
    await clearCookies(stage);
    const page = await visit(stage, '/articles/moon');
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('::-p-text(Already yours)');
    await Promise.all([page.waitForNavigation(), popup.click('.button-main')]);
    expect(await headingOf(page)).toBe('The article moon');
    expect(await stage.shop.accepted()).toEqual(before);
    await closePopup(popup);
    await page.close();
  });

  it('an address that answers 402 with no markup at all is offered and bought', async () => {
    const page = await visit(stage, '/bare/dawn');
    const popup = await buyByIcon(page);
    expect(await headingOf(page)).toBe('The article dawn');
    await closePopup(popup);
    await page.close();
  });
});

describe('a page whose own rules let nothing out', () => {
  beforeAll(async () => {
    stage = await openStage({ build: 'real' });
    await createWallet(stage);
  });

  afterAll(() => stage.close());

  it('is paid all the same, in Firefox after the reader has let the wallet reach it', async () => {
    const page = await visit(stage, '/shut/dusk');
    const popup = await stage.pressIcon(page);
    if (stage.name === 'firefox') {
      await popup.waitForSelector('::-p-text(This page lets nothing out)');
      await popup.click('.button-main');
    }
    await popup.waitForSelector('.ask-what');
    const requests = await walletRequests(() =>
      Promise.all([page.waitForNavigation(), sayYes(popup)]),
    );
    expect(await headingOf(page)).toBe('The article dusk');
    expect(requests).toEqual(['POST /v1/purses', 'GET /shut/dusk']);
    await closePopup(popup);
    await page.close();
  });
});

describe('where the reader lets it in', () => {
  let pattern: string;

  beforeAll(async () => {
    stage = await openStage({ build: 'asked' });
    pattern = `http://${new URL(stage.shop.origin).hostname}/*`;
    await createWallet(stage);
  });

  afterAll(() => stage.close());

  it('by the one switch, the next click pays: the popup and the worker may be gone', async () => {
    const screen = await stage.walletPage('/welcome.html');
    const page = await visit(stage, '/articles/moon');
    const popup = await buyByIcon(page);
    await popup.waitForSelector('input[role=switch]');
    // The note that says so, fixed to the window.
    const noted = page.waitForSelector('html > div[style*="fixed"]');
    // The browser's question may close the popup under the press, and has no answer yet.
    const closed = new Promise((resolve) => popup.once('close', resolve));
    await Promise.race([popup.click('input[role=switch]').catch(() => undefined), closed]);
    await wished(screen);
    await stage.stopWorker(page);
    await stage.answerYes(pattern);
    await settled(stage);
    await noted;
    await page.goto(`${stage.shop.origin}/`);
    await page.bringToFront();
    const requests = await walletRequests(() => follow(page, '#reefs'));
    expect(requests).toEqual(['GET /articles/reefs']);
    expect(await headingOf(page)).toBe('The article reefs');
    await page.close();
  });

  it('and takes it back in the middle of a payment: paid once, and the icon opens it', async () => {
    const before = await stage.shop.accepted();
    const page = await visit(stage);
    stage.shop.faults.push('hold-reply');
    await page.click('#dunes');
    await stage.shop.held();
    await stage.takeBack(pattern);
    await shutOut(stage);
    await stage.stopWorker(page);
    // The reply never comes, nor does the wallet to the page again: what was sent is sent anew.
    await expect.poll(() => paidFor('Article dunes')).toBe(true);
    expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
    const article = `${stage.shop.origin}/articles/dunes`;
    // The request that was held may end just now, and takes the tab's next one with it.
    await expect.poll(() => page.goto(article).catch(() => null)).not.toBeNull();
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('::-p-text(Already yours)');
    await Promise.all([page.waitForNavigation(), popup.click('.button-main')]);
    expect(await headingOf(page)).toBe('The article dunes');
    expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
    await closePopup(popup);
    await page.close();
  });

  it('nothing runs there from then on, and the icon is the way again', async () => {
    const before = await stage.shop.accepted();
    const page = await visit(stage);
    await follow(page, '#kelp');
    expect(await offerOn(page)).toContain('1¢');
    expect(await stage.shop.accepted()).toEqual(before);
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('.ask-what');
    await Promise.all([page.waitForNavigation(), sayYes(popup)]);
    await popup.waitForSelector('input[role=switch][aria-checked=false]');
    await closePopup(popup);
    await page.close();
  });
});

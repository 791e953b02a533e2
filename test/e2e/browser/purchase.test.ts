/** The stories of a reader on a site where the wallet is let in, with the built extension. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allowOneClick,
  clearCookies,
  closePopup,
  createWallet,
  follow,
  headingOf,
  offerOn,
  openStage,
  type Stage,
  sayYes,
  shownIn,
  visit,
  walletRequests,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});

afterAll(() => stage.close());

/** How often the shop answered `GET path` with `status`. */
const served = (path: string, status: number) =>
  stage.shop.log.filter((line) => line === `GET ${path} ${status}`).length;

describe('before there is a wallet', () => {
  it('a press on a fee link leads to a page that says what it costs', async () => {
    const page = await visit(stage);
    await follow(page, '#tides');
    const words = await offerOn(page);
    expect(words).toContain('The Daily');
    expect(words).toContain('2¢');
    expect(words).toContain('reopen it for a year');
    await page.close();
  });

  it('the icon offers to set one up, and keeps the way back to the page', async () => {
    const page = await visit(stage);
    const popup = await stage.pressIcon(page);
    const setUp = await popup.waitForSelector('::-p-text(Set up my wallet)');
    const back = `/welcome.html#back=${encodeURIComponent(page.url())}`;
    const welcome = stage.browser.waitForTarget((it) => it.url().endsWith(back));
    await setUp?.click();
    await (await (await welcome).page())?.close();
    await closePopup(popup);
    await page.close();
  });
});

describe('with a wallet', () => {
  beforeAll(() => createWallet(stage));

  it('the first purchase asks, then costs two requests', async () => {
    const page = await visit(stage);
    await page.click('#tides');
    const popup = await stage.question(page);
    await popup.waitForSelector('::-p-text(Pay 2¢)');
    await popup.click('input[type=checkbox]');
    const requests = await walletRequests(() =>
      Promise.all([page.waitForNavigation(), sayYes(popup)]),
    );
    expect(requests).toEqual(['POST /v1/purses', 'GET /articles/tides']);
    expect(await headingOf(page)).toBe('The article tides');
    expect(await stage.shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
    await closePopup(popup);
    await page.close();
  });

  it('the second is one click and one request', async () => {
    const page = await visit(stage);
    const requests = await walletRequests(() => follow(page, '#reefs'));
    expect(requests).toEqual(['GET /articles/reefs']);
    expect(await headingOf(page)).toBe('The article reefs');
    expect(await stage.shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
    await page.close();
  });

  it('the same article again costs nothing and asks nobody', async () => {
    const page = await visit(stage);
    const requests = await walletRequests(() => follow(page, '#tides'));
    expect(await headingOf(page)).toBe('The article tides');
    expect(requests).toEqual([]);
    expect(await stage.shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
    await page.close();
  });

  it('a reply that is lost and a worker that is killed: paid once, opened once', async () => {
    const page = await visit(stage);
    stage.shop.faults.push('hold-reply');
    const opened = page.waitForNavigation();
    await page.click('#quarter');
    await stage.shop.held();
    await stage.stopWorker(page);
    await opened;
    expect(await headingOf(page)).toBe('The article quarter');
    expect(await stage.shop.accepted()).toEqual({ charges: 3, totalMicros: 32_500n });
    expect(served('/articles/quarter', 200)).toBe(1);
    await page.close();
  });

  it('a page sold by its own tags is bought from the toolbar', async () => {
    const page = await visit(stage, '/articles/moon');
    expect(await offerOn(page)).toContain('2¢');
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('::-p-text(Pay 2¢)');
    await Promise.all([page.waitForNavigation(), sayYes(popup)]);
    expect(await headingOf(page)).toBe('The article moon');
    await closePopup(popup);
    await page.close();
  });

  it('cleared cookies lock nobody out: what was bought opens again', async () => {
    await clearCookies(stage);
    const before = await stage.shop.accepted();
    const page = await visit(stage);
    await follow(page, '#tides');
    await expect.poll(() => headingOf(page)).toBe('The article tides');
    expect(await stage.shop.accepted()).toEqual(before);
    await page.close();
  });

  it('the popup shows what is left and where the money went', async () => {
    const page = await visit(stage, '/plain');
    const popup = await stage.pressIcon(page);
    await popup.waitForSelector('::-p-text(Last payments)');
    const words = await shownIn(popup, 'main');
    expect(words).toContain('19¾¢ yours to spend');
    for (const title of ['Article tides', 'Article reefs', 'Article quarter', 'An article'])
      expect(words).toContain(title);
    expect(words).toContain('5¼¢ of $1 today');
    await closePopup(popup);
    await page.close();
  });

  it('a malformed price is never paid: the link is an ordinary link', async () => {
    const page = await visit(stage);
    const before = await stage.shop.accepted();
    await follow(page, '#malformed');
    expect(await offerOn(page)).toContain('2¢');
    expect(await stage.shop.accepted()).toEqual(before);
    await page.close();
  });

  it('is taken back in the popup, and the page asks again', async () => {
    const page = await visit(stage, '/articles/undone');
    const question = await stage.pressIcon(page);
    await question.waitForSelector('::-p-text(undo within 10 minutes)');
    await Promise.all([page.waitForNavigation(), sayYes(question)]);
    await closePopup(question);
    const popup = await stage.pressIcon(page);
    const count = (await popup.$$('button.payment-undo')).length;
    await popup.waitForSelector('button.payment-undo');
    await popup.click('button.payment-undo');
    await popup.waitForSelector('::-p-text(Undone)');
    expect((await popup.$$('button.payment-undo')).length).toBeLessThanOrEqual(Math.max(count, 4));
    await closePopup(popup);
    await page.reload();
    expect(await offerOn(page)).toContain('undo within 10 minutes');
    expect(await stage.shop.seller.collect()).toMatchObject({ handed: 1, refunds: 1 });
    await page.close();
  });
});

describe('with a wallet of its own', () => {
  // More than five purchases in ten seconds would be asked about.
  beforeAll(async () => {
    await stage.close();
    stage = await openStage();
    await createWallet(stage);
    await allowOneClick(stage, '#tides');
  });

  it('an alarm wakes a worker that is killed in mid-payment', async () => {
    const page = await visit(stage);
    stage.shop.faults.push('hold-reply');
    const logged = stage.shop.log.length;
    await page.click('#dunes');
    await expect.poll(() => stage.shop.log.length).toBeGreaterThan(logged);
    const screen = await stage.walletPage('/popup.html?tab=0');
    const alarm = await screen.evaluate('(globalThis.browser ?? chrome).alarms.get("resume")');
    expect(alarm).toMatchObject({ name: 'resume' });
    await screen.close();
    await page.close();
  });
});

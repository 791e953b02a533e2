/** The stories of a reader, with the built extension in a real Chromium. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { walletAddress } from '../../src/cli/browser.ts';
import {
  awaitPopup,
  createWallet,
  openStage,
  pressIcon,
  type Stage,
  sayYes,
  stopWorker,
  visit,
  walletRequests,
} from '../support/chromium.ts';

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
    await Promise.all([page.waitForNavigation(), page.click('#tides')]);
    const words = await page.$eval('main', (main) => main.innerText);
    expect(words).toContain('The Daily');
    expect(words).toContain('2¢');
    expect(words).toContain('reopen it for a year');
    await page.close();
  });

  it('the icon offers to set one up', async () => {
    const page = await visit(stage);
    const popup = await pressIcon(stage, page);
    await popup.locator('::-p-text(Set up my wallet)').wait();
    await popup.close();
    await page.close();
  });
});

describe('with a wallet', () => {
  beforeAll(() => createWallet(stage));

  it('the first purchase asks, then costs two requests', async () => {
    const page = await visit(stage);
    await page.click('#tides');
    const popup = await awaitPopup(stage);
    await popup.locator('::-p-text(Pay 2¢)').wait();
    await popup.locator('input[type=checkbox]').click();
    const requests = await walletRequests(stage, () =>
      Promise.all([page.waitForNavigation(), sayYes(popup)]),
    );
    expect(requests).toEqual(['POST /v1/purses', 'GET /articles/tides']);
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article tides');
    expect(await stage.shop.accepted()).toEqual({ charges: 1, totalMicros: 20_000n });
    await page.close();
  });

  it('the second is one click and one request', async () => {
    const page = await visit(stage);
    const requests = await walletRequests(stage, () =>
      Promise.all([page.waitForNavigation(), page.click('#reefs')]),
    );
    expect(requests).toEqual(['GET /articles/reefs']);
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article reefs');
    expect(await stage.shop.accepted()).toEqual({ charges: 2, totalMicros: 30_000n });
    await page.close();
  });

  it('the same article again costs nothing and asks nobody', async () => {
    const page = await visit(stage);
    const requests = await walletRequests(stage, () =>
      Promise.all([page.waitForNavigation(), page.click('#tides')]),
    );
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article tides');
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
    await stopWorker(page);
    await opened;
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article quarter');
    expect(await stage.shop.accepted()).toEqual({ charges: 3, totalMicros: 32_500n });
    expect(served('/articles/quarter', 200)).toBe(1);
    await page.close();
  });

  it('a page sold by its own tags is bought from the toolbar', async () => {
    const page = await visit(stage, '/articles/moon');
    expect(await page.$eval('main', (main) => main.innerText)).toContain('2¢');
    const popup = await pressIcon(stage, page);
    await popup.locator('::-p-text(Pay 2¢)').wait();
    const opened = page.waitForNavigation();
    await sayYes(popup);
    await opened;
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article moon');
    await page.close();
  });

  it('cleared cookies lock nobody out: what was bought opens again from the popup', async () => {
    const page = await visit(stage);
    const session = await page.createCDPSession();
    await session.send('Network.clearBrowserCookies');
    await page.goto(`${stage.shop.origin}/articles/tides`);
    const before = await stage.shop.accepted();
    const popup = await pressIcon(stage, page);
    const opened = page.waitForNavigation();
    await popup.locator('::-p-text(Open it)').click();
    await opened;
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article tides');
    expect(await stage.shop.accepted()).toEqual(before);
    await popup.close().catch(() => undefined);
    await page.close();
  });

  it('the popup shows what is left and where the money went', async () => {
    const page = await visit(stage, '/plain');
    const popup = await pressIcon(stage, page);
    await popup.locator('::-p-text(Last payments)').wait();
    const words = await popup.evaluate(() => document.body.innerText);
    expect(words).toContain('19¾¢ yours to spend');
    for (const title of ['Article tides', 'Article reefs', 'Article quarter', 'An article'])
      expect(words).toContain(title);
    expect(words).toContain('5¼¢ of $1 today');
    await popup.close();
    await page.close();
  });

  it('a malformed price is never paid: the link is an ordinary link', async () => {
    const page = await visit(stage);
    const before = await stage.shop.accepted();
    await Promise.all([page.waitForNavigation(), page.click('#malformed')]);
    expect(await page.$eval('main', (main) => main.innerText)).toContain('2¢');
    expect(await stage.shop.accepted()).toEqual(before);
    await page.close();
  });

  it('a press with Ctrl keeps its meaning, and a click by script never pays', async () => {
    const page = await visit(stage);
    const before = await stage.shop.accepted();
    stage.shop.prices['/articles/tab'] = '0.02 USD';
    const tab = stage.browser.waitForTarget((target) => target.url().endsWith('/articles/tab'));
    await page.keyboard.down('Control');
    await page.click('#tab');
    await page.keyboard.up('Control');
    await (await (await tab).asPage()).close();
    await Promise.all([
      page.waitForNavigation(),
      page.evaluate(() => {
        const link = document.querySelector<HTMLAnchorElement>('#tab');
        link?.removeAttribute('target');
        link?.click();
      }),
    ]);
    expect(await stage.shop.accepted()).toEqual(before);
    await page.close();
  });
});

describe('a press that is not what it seems', () => {
  it('on a page that has given itself another address opens what it paid for', async () => {
    const page = await visit(stage);
    await page.evaluate(() => history.pushState({}, '', '/section'));
    await Promise.all([page.waitForNavigation(), page.click('#kelp')]);
    expect(await page.$eval('h1', (heading) => heading.textContent)).toBe('The article kelp');
    await page.close();
  });

  it('on a sandboxed page of the same site is an ordinary press', async () => {
    const page = await visit(stage, '/sandboxed');
    const before = await stage.shop.accepted();
    await Promise.all([page.waitForNavigation(), page.click('#mist')]);
    expect(await page.$eval('main', (main) => main.innerText)).toContain('2¢');
    expect(await stage.shop.accepted()).toEqual(before);
    await page.close();
  });

  it('twice in one double click opens one tab', async () => {
    const page = await visit(stage);
    const count = (await stage.browser.pages()).length;
    const tab = stage.browser.waitForTarget((target) => target.url().endsWith('/articles/tab'));
    await page.click('#tab', { count: 2 });
    await (await (await tab).asPage()).waitForSelector('h1');
    await page.bringToFront();
    expect((await stage.browser.pages()).length).toBe(count + 1);
    await page.close();
  });

  it('on a link to another site gives that site no hold on this tab', async () => {
    const page = await visit(stage);
    const elsewhere = `http://other.localhost:${new URL(stage.shop.origin).port}/free`;
    await page.$eval('#tab', (link, href) => link.setAttribute('href', href), elsewhere);
    const tab = stage.browser.waitForTarget((target) => target.url() === elsewhere);
    await page.click('#tab');
    const opened = await (await tab).asPage();
    expect(await opened.evaluate(() => window.opener === null)).toBe(true);
    await opened.close();
    await page.close();
  });
});

describe('the icon', () => {
  it('lights up when a page is for sale late, and goes out when it is no more', async () => {
    const page = await visit(stage, '/free');
    const screen = await stage.browser.newPage();
    await screen.goto(await walletAddress(stage.browser, '/popup.html?tab=0'));
    const badge = () =>
      screen.evaluate(
        `chrome.tabs.query({ url: '${stage.shop.origin}/late' })
          .then(([tab]) => chrome.action.getBadgeText({ tabId: tab.id }))`,
      );
    await page.evaluate(() => {
      history.pushState(null, '', '/late');
      document.head.insertAdjacentHTML(
        'beforeend',
        '<meta name="fee:payto" content="a@b.example"><meta name="fee:price" content="0.02 USD">',
      );
    });
    await expect.poll(badge).toBe('2¢');
    await page.evaluate(() => document.querySelector('meta[name="fee:price"]')?.remove());
    await expect.poll(badge).toBe('');
    await screen.close();
    await page.close();
  });
});

describe('a page without fee markup', () => {
  it('gets no node, no style, no message and no request of ours', async () => {
    const page = await stage.browser.newPage();
    const seen: string[] = [];
    page.on('request', (request) => seen.push(new URL(request.url()).pathname));
    const requests = await walletRequests(stage, async () => {
      await page.goto(`${stage.shop.origin}/plain`);
      expect(await page.content()).toBe(
        '<!DOCTYPE html><html lang="en"><head><title>Nothing for sale</title></head><body>' +
          '<h1>Nothing for sale</h1><p><a id="free" href="/free">Free</a></p></body></html>',
      );
      expect(await page.evaluate(() => document.adoptedStyleSheets.length)).toBe(0);
      await Promise.all([page.waitForNavigation(), page.click('#free')]);
    });
    expect(seen.filter((path) => path !== '/favicon.ico')).toEqual(['/plain', '/free']);
    expect(requests).toEqual([]);
    await page.close();
  });

  it('wakes no worker: nothing is said to it', async () => {
    const page = await visit(stage, '/free');
    await stopWorker(page);
    await page.goto(`${stage.shop.origin}/plain`);
    await Promise.all([page.waitForNavigation(), page.click('#free')]);
    expect(stage.browser.targets().map((target) => target.type())).not.toContain('service_worker');
    await page.close();
  });
});

it('a worker that is woken by a press and killed leaves an alarm that wakes it again', async () => {
  const page = await visit(stage);
  await stopWorker(page);
  stage.shop.faults.push('hold-reply');
  const logged = stage.shop.log.length;
  await page.click('#dunes');
  await expect.poll(() => stage.shop.log.length).toBeGreaterThan(logged);
  const screen = await stage.browser.newPage();
  await screen.goto(await walletAddress(stage.browser, '/popup.html?tab=0'));
  const alarm = await screen.evaluate('chrome.alarms.get("resume")');
  expect(alarm).toMatchObject({ name: 'resume' });
  await screen.close();
  await page.close();
});

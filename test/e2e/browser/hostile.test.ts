/** What a page can do to the wallet's scripts on it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allowOneClick,
  closePopup,
  createWallet,
  follow,
  headingOf,
  openStage,
  type Stage,
  visit,
} from '../../support/stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
});

afterAll(() => stage.close());

it('a heart on a card is the page’s own: no press on it pays', async () => {
  const page = await visit(stage);
  const before = await stage.shop.accepted();
  await page.$eval('#kelp', (link) => {
    const heart = document.createElement('button');
    heart.id = 'heart';
    heart.textContent = 'I like it';
    heart.addEventListener('click', (event) => {
      event.preventDefault();
      heart.textContent = 'Liked';
    });
    link.append(heart);
  });
  await page.click('#heart');
  await page.waitForSelector('::-p-text(Liked)');
  expect(await stage.shop.accepted()).toEqual(before);
  await page.close();
});

it('elements named after methods of the document leave a press that leads somewhere', async () => {
  const page = await visit(stage);
  await page.evaluate(() => {
    for (const name of ['querySelectorAll', 'elementFromPoint', 'documentElement', 'title']) {
      const form = document.createElement('form');
      form.setAttribute('name', name);
      document.body.append(form);
    }
  });
  await follow(page, '#kelp');
  expect(new URL(page.url()).pathname).toBe('/articles/kelp');
  await page.close();
});

it('a service worker that passes payments on and forges refusals gains nothing by it', async () => {
  const page = await visit(stage);
  const before = await stage.shop.accepted();
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/forger.js');
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller)
      await new Promise((changed) =>
        navigator.serviceWorker.addEventListener('controllerchange', changed, { once: true }),
      );
  });
  if (stage.name === 'chromium') {
    // Its workers do not see what the wallet's own world on the page asks for.
    await follow(page, '#reefs');
  } else {
    await page.click('#reefs');
    // The popup opens by itself over whatever is in front: nothing else is pressed before.
    const popup = await stage.question(page);
    await popup.waitForSelector('::-p-text(Waiting to hear from)');
    await closePopup(popup);
  }
  expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
  await page.close();
  const other = await visit(stage, '/free');
  await other.evaluate(async () => {
    for (const worker of await navigator.serviceWorker.getRegistrations())
      await worker.unregister();
  });
  await other.close();
  // Pressed once more, what the forged answer left open is asked about, and opens; nothing is paid.
  const next = await visit(stage);
  await follow(next, '#reefs');
  expect(await headingOf(next)).toBe('The article reefs');
  expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
  await next.goto(`${stage.shop.origin}/`);
  await follow(next, '#dunes');
  expect(await headingOf(next)).toBe('The article dunes');
  expect((await stage.shop.accepted()).charges).toBe(before.charges + 2);
  await next.close();
});

/** The same reader with other cookies: a container in Firefox, a private window in Chromium. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  allowOneClick,
  createWallet,
  follow,
  headingOf,
  offerOn,
  openStage,
  type Stage,
} from '../../support/stage.ts';

let stage: Stage;
let open: Awaited<ReturnType<Stage['elsewhere']>>;

beforeAll(async () => {
  stage = await openStage();
  await createWallet(stage);
  await allowOneClick(stage, '#tides');
  open = await stage.elsewhere();
});

afterAll(() => stage.close());

it('what is bought opens there by itself, and nothing is paid again', async () => {
  const before = await stage.shop.accepted();
  const page = await open(`${stage.shop.origin}/articles/tides`);
  const heading = () => headingOf(page).catch(() => '');
  await expect.poll(heading).toBe('The article tides');
  expect(await stage.shop.accepted()).toEqual(before);
  await page.close();
});

it('a click there pays and opens in a container; a private window buys nothing', async () => {
  const before = await stage.shop.accepted();
  const page = await open(`${stage.shop.origin}/`);
  await follow(page, '#reefs');
  if (stage.name === 'firefox') {
    expect(await headingOf(page)).toBe('The article reefs');
    expect((await stage.shop.accepted()).charges).toBe(before.charges + 1);
  } else {
    expect(await offerOn(page)).toContain('1¢');
    expect(await stage.shop.accepted()).toEqual(before);
  }
  await page.close();
});

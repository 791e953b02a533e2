/** The pages of the service that people come to by themselves. */
import { expect, it } from 'vitest';
import { LANGUAGES, WORDS } from '../../../../src/provider/api/words.ts';
import { CATALOGUES } from '../../../../src/words/locales.ts';
import { useProvider } from '../../../support/provider.ts';

const provider = useProvider();
const withCards = useProvider({ stripe: { secretKey: 'sk_test_1', webhookSecret: 'whsec_1' } });

async function read(path: string, language: string, at = provider) {
  const headers = { 'Accept-Language': `${language}-XX, *;q=0.1` };
  const answer = await fetch(at.issuer + path, { headers });
  return { answer, html: await answer.text() };
}

it('each language of the wallet has its page, which runs its way and has no script', async () => {
  expect(LANGUAGES).toEqual(Object.keys(CATALOGUES));
  for (const language of LANGUAGES)
    for (const path of ['/', '/goodbye']) {
      const { answer, html } = await read(path, language);
      expect(answer.headers.get('Content-Language')).toBe(language);
      const { direction } = CATALOGUES[language];
      expect(html).toContain(`<html lang="${language}" dir="${direction}">`);
      expect(html).not.toMatch(/<script|\{\w+\}|undefined/);
      expect(html).toContain(new URL(provider.issuer).host);
    }
});

it('where cards pay on a page of their own there is one to come back to', async () => {
  for (const language of LANGUAGES) {
    const { html } = await read('/topped-up', language, withCards);
    expect(html).toContain(WORDS[language].walletKnows);
    expect(html).not.toMatch(/<script|\{\w+\}|undefined/);
    expect((await read('/goodbye', language)).html).toContain(WORDS[language].noCard);
    const { html: goodbye } = await read('/goodbye', language, withCards);
    expect(goodbye).not.toContain(WORDS[language].noCard);
  }
  expect((await read('/topped-up', 'en')).answer.status).toBe(404);
});

it('whoever likes none of them reads English', async () => {
  const { html } = await read('/goodbye', 'fr');
  expect(html).toContain(WORDS.en.goodbye);
  expect(html).toContain(WORDS.en.aside);
});

it('the goodbye names the button that brings a wallet back as the wallet does', () => {
  for (const language of LANGUAGES) {
    const { addAgain, playMoney } = WORDS[language];
    expect(addAgain).toContain(CATALOGUES[language].usedBefore);
    expect(playMoney).toBe(CATALOGUES[language].playMoney);
  }
});

it('the goodbye leads to where it is said how to add it again', async () => {
  for (const language of LANGUAGES) {
    const { howToAdd, byHand } = WORDS[language];
    const { html } = await read('/goodbye', language);
    const [, path = ''] = new RegExp(`<a href="([^"]+)">${howToAdd}</a>`).exec(html) ?? [];
    const [said = ''] = byHand.split('{host}');
    expect((await read(path, language)).html).toContain(said);
  }
});

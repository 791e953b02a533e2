/** What a provider asks for and tells of its purses, while others are handed in (SPEC 9.11). */
import { expect, it } from 'vitest';
import type { ClosingsBody, CollectBody } from '../../../../src/protocol/api.ts';
import { parseChallenges } from '../../../../src/protocol/challenge.ts';
import { readCharge } from '../../../../src/protocol/charge.ts';
import { readFinal } from '../../../../src/protocol/close.ts';
import { micros } from '../../../../src/protocol/money.ts';
import { decodeTerms } from '../../../../src/protocol/request.ts';
import { signRefundNote } from '../../../../src/protocol/undo.ts';
import { getPurse } from '../../../../src/seller/charges/purses.ts';
import {
  makeProvider,
  makePurse,
  payChallenge,
  randomId,
  settlePurse,
  type TestProvider,
  type TestPurse,
} from '../../../support/payer.ts';
import { openShop, PAYTO, type Shop } from '../shop.ts';

const OTHER = 'daily@geld.example';

/** What is handed in, by the path of the call. */
interface Handed {
  readonly asked: string[];
  readonly undone: string[];
  readonly charges: string[];
  readonly closed: string[];
}

/** A provider of purses that also books what is handed in, and asks for some back. */
async function openOffice(payto: string) {
  const provider = await makeProvider(payto);
  const handed: Handed = { asked: [], undone: [], charges: [], closed: [] };
  const collect = ({ charges }: CollectBody) => {
    const results = charges.map((token) => {
      const { pur, seq, tot } = readCharge(token).claims;
      handed.charges.push(pur);
      return { pur, state: 'captured', seq, tot: `${tot}` };
    });
    return { results, asked: handed.asked, undone: handed.undone };
  };
  const close = ({ closings }: ClosingsBody) => {
    handed.closed.push(...closings.map(({ final }) => readFinal(final).claims.pur));
    return { results: [] };
  };
  const answer: typeof fetch = async (input, init) => {
    const url = String(input);
    if (!url.includes('/v1/')) return provider.fetch(input, init);
    const body = JSON.parse(String(init?.body));
    if (url.endsWith('/refunds')) return Response.json({ results: [] });
    return Response.json(url.endsWith('/closings') ? close(body) : collect(body));
  };
  return { provider, handed, fetch: answer };
}

async function openAtTwo() {
  const [first, second] = [await openOffice(PAYTO), await openOffice(OTHER)];
  const fetchPort: typeof fetch = (input, init) =>
    (String(input).startsWith(first.provider.iss) ? first : second).fetch(input, init);
  const shop = await openShop({}, { payto: [PAYTO, OTHER], fetch: fetchPort });
  return { shop, first, second };
}

async function buy(shop: Shop, purse: TestPurse) {
  const offered = parseChallenges((await shop.visit()).headers.get('WWW-Authenticate') ?? '');
  const challenge = offered.find(({ request }) => decodeTerms(request).payto === purse.payto);
  if (!challenge) throw new Error(`nothing is sold for ${purse.payto}`);
  const charge = await payChallenge(purse, challenge);
  expect((await shop.pay(charge.header)).status).toBe(200);
  settlePurse(purse, charge);
}

/** Something bought at a provider, from a purse whose id will be another's too. */
async function buyAt({ provider }: { provider: TestProvider }, shop: Shop) {
  const id = randomId();
  const purse = { ...(await makePurse(provider, PAYTO, { jti: id })), id };
  await buy(shop, purse);
  return purse;
}

it('asked for a purse that is another provider’s, it closes and hands in all else', async () => {
  const { shop, first, second } = await openAtTwo();
  const { id: jti } = await buyAt(first, shop);
  const own = await makePurse(second.provider, OTHER);
  await buy(shop, own);
  const twin = await makePurse(second.provider, OTHER, { jti });
  second.handed.asked.push(twin.certificate, own.certificate);
  expect(await shop.seller.collect()).toMatchObject({ handed: 2, refused: [] });
  expect(first.handed.charges).toEqual([jti]);
  expect(second.handed).toMatchObject({ charges: [own.id], closed: [own.id] });
  expect(shop.world.errors).toMatchObject([{ code: 'certificate_replaced' }]);
});

it('told of an undo in a purse that is another provider’s here, it keeps nothing', async () => {
  const { shop, first, second } = await openAtTwo();
  const { id: pur } = await buyAt(first, shop);
  const amt = micros(20_000n);
  const note = { aud: OTHER, pur, seq: 1, amt, rtot: amt };
  second.handed.undone.push(await signRefundNote(note, second.provider.signing));
  await shop.seller.collect();
  expect(await getPurse(shop.store, pur)).toMatchObject({ handedSeq: 1, refunds: [] });
});

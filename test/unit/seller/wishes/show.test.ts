import { beforeEach, describe, expect, it } from 'vitest';
import { type Challenge, parseChallenges } from '../../../../src/protocol/challenge.ts';
import { formatCredential, type ShowPayload } from '../../../../src/protocol/credential.ts';
import { type Show, signShow } from '../../../../src/protocol/show.ts';
import { makeSecret } from '../../../../src/seller/secret.ts';
import {
  makeKey,
  makePurse,
  pageChallenge,
  payChallenge,
  type TestCharge,
  type TestKey,
  type TestPurse,
} from '../../../support/payer.ts';
import {
  chargeFor42,
  codeOf,
  cookieOf,
  openShop,
  PAYTO,
  receiptOf,
  rowOf,
  type Shop,
  TERMS_42,
  URL_42,
} from '../shop.ts';

let shop: Shop;
let purse: TestPurse;
let charge: TestCharge;
let receipt: string;

beforeEach(async () => {
  shop = await openShop();
  purse = await shop.purse();
  charge = await chargeFor42(purse);
  receipt = receiptOf(await shop.pay(charge.header)).token;
});

async function freshChallenge(url = URL_42): Promise<Challenge> {
  const answer = await shop.visit({}, url);
  const [challenge] = parseChallenges(answer.headers.get('WWW-Authenticate') ?? '');
  if (!challenge) throw new Error('the shop asks to be paid');
  return challenge;
}

interface Crooked {
  readonly challenge?: Challenge;
  readonly claims?: Partial<Show>;
  readonly payload?: Partial<ShowPayload>;
  readonly signer?: TestKey;
}

async function showing(crooked: Crooked = {}): Promise<string> {
  const challenge = crooked.challenge ?? (await freshChallenge());
  const { pur, seq, bnd } = charge.claims;
  const claims = { aud: PAYTO, cid: challenge.id, pur, seq, bnd, ...crooked.claims };
  const proof = await signShow(claims, (crooked.signer ?? purse.key).key);
  const { certificate } = purse;
  const { opening, salt } = charge;
  const own = { action: 'show', receipt, certificate, proof, opening, salt } as const;
  return formatCredential({ challenge, payload: { ...own, ...crooked.payload } });
}

describe('a receipt that is shown', () => {
  it('opens the item again, with the same receipt and a new pass, and moves no state', async () => {
    const before = await rowOf(shop, purse);
    const answer = await shop.pay(await showing());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('the article');
    expect(receiptOf(answer).token).toBe(receipt);
    expect((await shop.visit({ Cookie: cookieOf(answer) })).status).toBe(200);
    expect(await rowOf(shop, purse)).toEqual(before);
  });

  it('opens it after later charges, the purse’s expiry and a higher price', async () => {
    purse.seq = 1;
    purse.tot = charge.claims.tot;
    const other = `${URL_42}0`;
    const next = await pageChallenge(other, { ...TERMS_42, item: '/articles/420' });
    expect((await shop.pay((await payChallenge(purse, next)).header, other)).status).toBe(200);
    shop.world.nowMs += 30 * 86_400_000;
    shop.world.price = '0.05 USD';
    expect((await shop.pay(await showing())).status).toBe(200);
  });

  it('opens it for another device of the same reader, with that device’s own key', async () => {
    const { sub } = purse.claims;
    const other = await makePurse(shop.provider, PAYTO, { sub });
    const payload = { holder: other.certificate };
    const answer = await shop.pay(await showing({ payload, signer: other.key }));
    expect(answer.status).toBe(200);
  });

  it('is good for one challenge: a proof that somebody recorded shows nothing', async () => {
    const first = await freshChallenge();
    shop.world.nowMs += 1000;
    const recorded = await showing({ claims: { cid: first.id } });
    expect(await codeOf(await shop.pay(recorded))).toBe('show_mismatch');
  });
});

describe('is refused, each by its own code', () => {
  it('after its time', async () => {
    shop.world.nowMs += 366 * 86_400_000;
    expect(await codeOf(await shop.pay(await showing()))).toBe('used');
  });

  it('for another item', async () => {
    const url = 'https://news.example/articles/43';
    const challenge = await freshChallenge(url);
    expect(await codeOf(await shop.pay(await showing({ challenge }), url))).toBe('terms_changed');
  });

  it('with an opening of another receipt', async () => {
    const opening = { ...charge.opening, iat: 1 };
    expect(await codeOf(await shop.pay(await showing({ payload: { opening } })))).toBe(
      'binding_mismatch',
    );
  });

  it('under a challenge that a page could make', async () => {
    const challenge = await pageChallenge(URL_42, TERMS_42);
    expect(await codeOf(await shop.pay(await showing({ challenge })))).toBe('challenge_unknown');
  });

  it('under a challenge that is over', async () => {
    const header = await showing();
    shop.world.nowMs += 600_000;
    expect(await codeOf(await shop.pay(header))).toBe('challenge_expired');
  });

  it('by a key that is not the reader’s', async () => {
    const signer = await makeKey();
    expect(await codeOf(await shop.pay(await showing({ signer })))).toBe('jws_signature');
  });

  it('by another reader’s purse', async () => {
    const other = await shop.purse();
    const payload = { holder: other.certificate };
    expect(await codeOf(await shop.pay(await showing({ payload, signer: other.key })))).toBe(
      'show_mismatch',
    );
  });

  it('with the certificate of another purse', async () => {
    const other = await shop.purse();
    const payload = { certificate: other.certificate };
    expect(await codeOf(await shop.pay(await showing({ payload, signer: other.key })))).toBe(
      'purse_unknown',
    );
  });

  it('signed by another seller', async () => {
    const elsewhere = await openShop({}, { secret: await makeSecret() });
    const theirs = receiptOf(
      await elsewhere.pay((await chargeFor42(await elsewhere.purse())).header),
    );
    const header = await showing({ payload: { receipt: theirs.token } });
    expect(await codeOf(await shop.pay(header))).toBe('jws_key_unknown');
  });

  it('with a proof for another place in the purse', async () => {
    expect(await codeOf(await shop.pay(await showing({ claims: { seq: 2 } })))).toBe(
      'show_mismatch',
    );
  });
});

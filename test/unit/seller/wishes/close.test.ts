import { expect, test } from 'vitest';
import { decodeOpaque } from '../../../../src/protocol/challenge.ts';
import { readFinal } from '../../../../src/protocol/close.ts';
import { micros } from '../../../../src/protocol/money.ts';
import { putPurse } from '../../../../src/seller/charges/purses.ts';
import {
  challengeIn,
  closeHeader,
  makeKey,
  type TestPurse,
  undoHeader,
} from '../../../support/payer.ts';
import {
  buy42,
  chargeFor42,
  codeOf,
  openShop,
  PAYTO,
  receiptOf,
  rowOf,
  type Shop,
} from '../shop.ts';

async function closing(
  shop: Shop,
  purse: TestPurse,
  wrong: Parameters<typeof closeHeader>[2] = {},
) {
  return shop.pay(await closeHeader(purse, challengeIn(await shop.visit()), wrong));
}

async function finalIn(answer: Response): Promise<string> {
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { final: string }).final;
}

test('a closed purse is stated at what was accepted, and pays nothing more', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  await buy42(shop, purse);
  const final = await finalIn(await closing(shop, purse));
  const claims = { aud: PAYTO, pur: purse.id, seq: 1, tot: 20_000n };
  expect(readFinal(final).claims).toEqual(claims);
  expect(await finalIn(await closing(shop, purse))).toBe(final);
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('purse_closed');
});

test('a purse that was never used is closed at nothing', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const final = await finalIn(await closing(shop, purse));
  expect(readFinal(final).claims).toMatchObject({ seq: 0, tot: 0n });
  expect(await codeOf(await shop.pay((await chargeFor42(purse)).header))).toBe('purse_closed');
});

test('a closed purse’s last charge is still known, and can be undone', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const charge = await buy42(shop, purse);
  await closing(shop, purse);
  const again = await shop.pay(charge.header);
  expect(again.status).toBe(200);
  const receipt = receiptOf(again).token;
  expect((await shop.pay(await undoHeader(purse, { charge, receipt }))).status).toBe(200);
  expect(await shop.store.due({ limit: 10 })).toHaveLength(1);
});

test('a wallet that closes or undoes out of step is told the last accepted charge', async () => {
  const shop = await openShop();
  const purse = await shop.purse();
  const { token } = await buy42(shop, purse);
  const wrong = await closing(shop, purse, { claims: { seq: 0, tot: micros(0n) } });
  expect(decodeOpaque(challengeIn(wrong).opaque ?? '')).toEqual({ last: token });
  // A server that was restored from before the second charge.
  const charge = await chargeFor42(purse);
  const receipt = receiptOf(await shop.pay(charge.header)).token;
  const row = await rowOf(shop, purse);
  if (!row) throw new Error('nothing was bought');
  await putPurse(shop.store, { ...row, seq: 1, charge: token, rev: row.rev + 1 });
  const behind = await shop.pay(await undoHeader(purse, { charge, receipt }));
  expect(decodeOpaque(challengeIn(behind).opaque ?? '')).toEqual({ last: token });
});

test('close and charge together: one is first, and the other is told', async () => {
  for (let round = 0; round < 20; round++) {
    const shop = await openShop();
    const purse = await shop.purse();
    await buy42(shop, purse);
    const charge = await chargeFor42(purse);
    const wish = await closeHeader(purse, challengeIn(await shop.visit()));
    const order = round % 2 ? [wish, charge.header] : [charge.header, wish];
    const answers = await Promise.all(order.map((header) => shop.pay(header)));
    const codes = await Promise.all(answers.map(codeOf));
    const row = await rowOf(shop, purse);
    const isClosed = row?.final !== undefined;
    expect(codes.toSorted()).toEqual(
      isClosed ? ['purse_closed', 'status 200'] : ['out_of_sync', 'status 200'],
    );
    expect(row?.seq).toBe(isClosed ? 1 : 2);
  }
});

test.for([
  ['at another place', 'out_of_sync', { claims: { seq: 2 } }],
  ['at another total', 'out_of_sync', { claims: { tot: 20_001n } }],
  ['of another purse', 'purse_unknown', { claims: { pur: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
  ['at another seller', 'purse_audience', { claims: { aud: 'else@pay.example' } }],
  ['by another key', 'jws_signature', { signer: await makeKey() }],
] as const)('closing %s is refused with %s', async ([, code, wrong]) => {
  const shop = await openShop();
  const purse = await shop.purse();
  await buy42(shop, purse);
  // Whether the last charge can be taken back is not about money.
  const { rev: _, firm: __, ...before } = (await rowOf(shop, purse)) ?? {};
  expect(await codeOf(await closing(shop, purse, wrong as never))).toBe(code);
  expect(await rowOf(shop, purse)).toMatchObject(before);
});

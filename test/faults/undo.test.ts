/** Undo from the reader's side: what is taken back comes back, once, whatever dies. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { mortal } from '../support/mortal.ts';
import { useProvider } from '../support/provider.ts';
import { type RunningShop, startShop } from '../support/shop.ts';
import { makeReader, pressOn, type Reader } from '../support/wallet.ts';

const REFUND = 'PT10M';
let shop: RunningShop;
let profiles = 0;
/** The provider's clock before the machine's. */
let aheadMs = 0;
const provider = useProvider({ clock: () => Date.now() + aheadMs });

beforeAll(async () => {
  shop = await startShop(provider.issuer, { refund: REFUND });
});

afterAll(() => shop.close());

const press = (path: string) => pressOn(shop.origin, path, { payto: shop.payto, refund: REFUND });

async function buy(reader: Reader, path: string): Promise<string> {
  const decision = await reader.wallet.press(press(path));
  if (decision.kind !== 'ask') throw new Error(`asked: ${decision.kind}`);
  const outcome = await reader.wallet.pay({ askId: decision.ask.id, remember: false });
  if (outcome.kind !== 'paid') throw new Error(`paid: ${outcome.kind}`);
  return outcome.payment.id;
}

async function bought(path: string): Promise<{ profile: string; paymentId: string }> {
  const profile = `undoing-${++profiles}`;
  const reader = makeReader(profile);
  await reader.wallet.open(new URL(provider.issuer).host);
  return { profile, paymentId: await buy(reader, path) };
}

async function yoursAfterCollecting(reader: Reader): Promise<string> {
  await shop.seller.collect();
  await reader.wallet.refresh();
  return (await reader.wallet.view()).yours;
}

it('what is undone comes back, is not the reader’s any more, and can be bought again', async () => {
  const { profile, paymentId } = await bought('/articles/undone');
  const reader = makeReader(profile);
  expect((await reader.wallet.view()).latest[0]).toMatchObject({ undo: undefined });
  expect((await reader.wallet.view()).spentToday).toBe('20000');
  await reader.wallet.undo(paymentId);
  const view = await reader.wallet.view();
  expect(view.latest[0]).toMatchObject({ undo: 'granted', undoUntilMs: undefined });
  const [purse] = await reader.ports.store.purses.all();
  // SPEC 5.11: four days after its purse ends it is back, whatever its seller does.
  const { clockOffsetMs = 0 } = (await reader.ports.store.account.get('account')) ?? {};
  const backByMs = ((purse?.expiresAtSec ?? 0) + 96 * 3600) * 1000 - clockOffsetMs;
  expect(view.latest[0]).toMatchObject({ backByMs });
  const { entries } = await reader.wallet.history({});
  expect(entries[0]?.undone).toEqual({ undo: 'granted', backByMs });
  expect(await reader.wallet.sellers()).toMatchObject([{ coming: { amount: '20000', backByMs } }]);
  expect(view.spentToday).toBe('0');
  expect(await yoursAfterCollecting(reader)).toBe('250000');
  expect(await reader.wallet.sellers()).toMatchObject([{ coming: undefined }]);
  expect((await reader.wallet.view()).latest[0]).toMatchObject({
    undo: 'back',
    backByMs: undefined,
  });
  expect((await reader.wallet.receipt(paymentId))?.undone).toMatchObject({ undo: 'back' });
  await buy(reader, '/articles/undone');
  expect(await yoursAfterCollecting(reader)).toBe('230000');
  expect(await auditDatabase(provider.databaseFile)).toMatchObject({ holds: true, findings: [] });
});

it('what cannot be undone says so, and nothing changes', async () => {
  const { profile, paymentId } = await bought('/articles/late');
  const reader = makeReader(profile);
  reader.clock.aheadMs = 0;
  const payment = await reader.ports.store.payments.get(paymentId);
  const account = await reader.ports.store.account.get('account');
  if (!payment || !account) throw new Error('both are stored');
  // Eleven minutes later by the wallet service's clock.
  const clockOffsetMs = account.clockOffsetMs + 11 * 60_000;
  await reader.ports.store.account.put({ ...account, clockOffsetMs });
  await expect(reader.wallet.undo(paymentId)).rejects.toMatchObject({ code: 'undo_over' });
  expect(await reader.ports.store.payments.get(paymentId)).toEqual(payment);
});

it('a seller that does not answer is asked again with the same wish', async () => {
  const { profile, paymentId } = await bought('/articles/silent');
  let isDown = true;
  const sent: string[] = [];
  const reader = makeReader(profile, (ports) => ({
    ...ports,
    fetch: (input, init) => {
      if (!String(input).startsWith(shop.origin)) return ports.fetch(input, init);
      sent.push(new Headers(init?.headers).get('Authorization') ?? '');
      return isDown ? Promise.reject(new TypeError('fetch failed')) : ports.fetch(input, init);
    },
  }));
  await expect(reader.wallet.undo(paymentId)).rejects.toMatchObject({ code: 'seller_unreachable' });
  const asked = await reader.ports.store.payments.get(paymentId);
  expect(asked?.undo?.state).toBe('asked');
  isDown = false;
  await reader.wallet.undo(paymentId);
  const granted = await reader.ports.store.payments.get(paymentId);
  expect(granted?.undo).toMatchObject({ state: 'granted', token: asked?.undo?.token });
  expect(sent).toHaveLength(2);
});

it('killed at each step an undo is granted once and its money comes back', async () => {
  const dry = await bought('/articles/dry-undo');
  const { ports, death } = mortal(makeReader(dry.profile).ports, Number.POSITIVE_INFINITY);
  await makeReader(dry.profile, () => ports).wallet.undo(dry.paymentId);
  const { steps } = death;
  expect(steps.length).toBeGreaterThan(8);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    const { profile, paymentId } = await bought(`/articles/undo-${dieAt}`);
    const doomed = mortal(makeReader(profile).ports, dieAt);
    const begun = makeReader(profile, () => doomed.ports).wallet.undo(paymentId);
    await Promise.race([doomed.death.came, begun]);
    const reader = makeReader(profile);
    await reader.wallet.resume();
    await reader.wallet.undo(paymentId);
    expect((await reader.wallet.view()).latest[0]?.undo, where).toBe('granted');
    expect(await yoursAfterCollecting(reader), where).toBe('250000');
  }
  expect(await auditDatabase(provider.databaseFile)).toMatchObject({ holds: true, findings: [] });
}, 60_000);

/** What goes to the provider's judgement, as it stood on the wire. */
interface Judged {
  readonly reader: Reader;
  readonly bodies: Record<string, unknown>[];
}

/** A reader whose seller is silent, or answers `instead`. */
function readerBefore(profile: string, instead: () => Promise<Response>): Judged {
  const bodies: Record<string, unknown>[] = [];
  const reader = makeReader(profile, (ports) => ({
    ...ports,
    fetch: (input, init) => {
      if (String(input).startsWith(shop.origin)) return instead();
      if (String(input).endsWith('/v1/undos')) bodies.push(JSON.parse(String(init?.body)));
      return ports.fetch(input, init);
    },
  }));
  return { reader, bodies };
}

const silence = () => Promise.reject(new TypeError('no answer'));

it('what a seller does not answer for a minute is decided by the provider, unseen', async () => {
  const { profile, paymentId } = await bought('/articles/judged');
  const { reader, bodies } = readerBefore(profile, silence);
  await expect(reader.wallet.undo(paymentId)).rejects.toMatchObject({ code: 'seller_unreachable' });
  reader.clock.aheadMs = 59_000;
  await reader.passTime();
  expect((await reader.wallet.view()).latest[0]?.undo).toBe('asked');
  expect(bodies).toEqual([]);
  reader.clock.aheadMs = 61_000;
  await reader.wallet.undo(paymentId);
  expect((await reader.wallet.view()).latest[0]?.undo).toBe('granted');
  expect(bodies.map((body) => Object.keys(body))).toEqual([['id', 'payto', 'receipt', 'undo']]);
  const payment = await reader.ports.store.payments.get(paymentId);
  const { salt = '', opening } = payment?.charge ?? {};
  const sent = JSON.stringify(bodies);
  for (const secret of [salt, opening?.jti ?? '', opening?.request ?? ''])
    expect(sent).not.toContain(secret);
  expect(await yoursAfterCollecting(reader)).toBe('250000');
  expect((await reader.wallet.view()).latest[0]?.undo).toBe('back');
});

it('a seller that refuses what its receipt promises is overruled at once', async () => {
  const { profile, paymentId } = await bought('/articles/overruled');
  const refusal = async () =>
    new Response('{"farthing":"undo_over","detail":""}', {
      status: 402,
      headers: { 'Content-Type': 'application/problem+json' },
    });
  const { reader } = readerBefore(profile, refusal);
  await reader.wallet.undo(paymentId);
  expect(await yoursAfterCollecting(reader)).toBe('250000');
});

it('granted by both, it comes back once', async () => {
  const { profile, paymentId } = await bought('/articles/both');
  let answer: Response | undefined;
  const reader = makeReader(profile, (ports) => ({
    ...ports,
    fetch: async (input, init) => {
      const given = await ports.fetch(input, init);
      if (!String(input).startsWith(shop.origin)) return given;
      answer = given;
      throw new TypeError('the answer was lost');
    },
  }));
  await expect(reader.wallet.undo(paymentId)).rejects.toMatchObject({ code: 'seller_unreachable' });
  expect(answer?.status).toBe(200);
  reader.clock.aheadMs = 61_000;
  await reader.wallet.undo(paymentId);
  expect(await yoursAfterCollecting(reader)).toBe('250000');
  expect(await auditDatabase(provider.databaseFile)).toMatchObject({ holds: true, findings: [] });
});

it('what the provider refuses is refused, with its reason', async () => {
  const { profile, paymentId } = await bought('/articles/too-late');
  const { reader } = readerBefore(profile, silence);
  await expect(reader.wallet.undo(paymentId)).rejects.toMatchObject({ code: 'seller_unreachable' });
  aheadMs = 21 * 60_000;
  reader.clock.aheadMs = 61_000;
  await expect(reader.wallet.undo(paymentId)).rejects.toMatchObject({ code: 'undo_over' });
  expect((await reader.wallet.view()).latest[0]).toMatchObject({
    undo: 'refused',
    undoRefusal: 'undo_over',
  });
  aheadMs = 0;
});

it('killed at each step of being judged it is granted once', async () => {
  const lateUndo = async (profile: string, paymentId: string, dieAt: number) => {
    const { reader } = readerBefore(profile, silence);
    await reader.wallet.undo(paymentId).catch(() => undefined);
    const doomed = mortal(reader.ports, dieAt);
    const late = { ...doomed.ports, now: () => Date.now() + 61_000 };
    const wallet = makeReader(profile, () => late).wallet;
    await Promise.race([doomed.death.came, wallet.undo(paymentId)]);
    return doomed.death.steps;
  };
  const dry = await bought('/articles/dry-judged');
  const steps = await lateUndo(dry.profile, dry.paymentId, Number.POSITIVE_INFINITY);
  expect(steps.length).toBeGreaterThan(8);
  for (let dieAt = 1; dieAt <= steps.length; dieAt++) {
    const where = `killed ${steps[dieAt - 1]} (step ${dieAt})`;
    const { profile, paymentId } = await bought(`/articles/judged-${dieAt}`);
    await lateUndo(profile, paymentId, dieAt);
    const { reader } = readerBefore(profile, silence);
    reader.clock.aheadMs = 61_000;
    await reader.wallet.resume();
    await reader.wallet.undo(paymentId);
    expect(await yoursAfterCollecting(reader), where).toBe('250000');
  }
  expect(await auditDatabase(provider.databaseFile)).toMatchObject({ holds: true, findings: [] });
}, 60_000);

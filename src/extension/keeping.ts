/**
 * What our screens say to the wallet about keeping the account safe and coming back to it: the
 * messages, how they are read, and who answers.
 */
import { decodeBase64url } from '../protocol/base64url.ts';
import type { RecoveryKind } from '../protocol/recovery.ts';
import { hash, literal, type Reader, readMembers, refuse, text } from '../protocol/shape.ts';
import type { SafetyView } from '../wallet/account/devices.ts';
import type { Keeping, Standing } from '../wallet/account/keeping.ts';
import type { Leaving } from '../wallet/history/forgetting.ts';

/** A secret on its way from the page that made or read it; base64url. */
interface SecretMessage {
  readonly kind: RecoveryKind;
  readonly secret: string;
}

/** From our own screens; `from` is added by `OwnMessage`. */
export type KeepingMessage =
  | { readonly type: 'standing' }
  | { readonly type: 'safety' }
  | ({ readonly type: 'set-recovery' } & SecretMessage)
  | ({
      readonly type: 'restore';
      readonly provider: string;
      readonly name: string;
    } & SecretMessage)
  | { readonly type: 'name-device'; readonly kid: string; readonly name: string }
  | { readonly type: 'revoke-device'; readonly kid: string }
  | { readonly type: 'set-copy'; readonly state: 'on' | 'off' }
  | { readonly type: 'leave'; readonly history: Leaving['history'] }
  | { readonly type: 'remind-later' };

/** What each is answered with. */
export interface KeepingAnswers {
  readonly standing: Standing;
  readonly safety: SafetyView;
  readonly 'set-recovery': undefined;
  readonly restore: undefined;
  readonly 'name-device': SafetyView;
  readonly 'revoke-device': SafetyView;
  readonly 'set-copy': SafetyView;
  readonly leave: undefined;
  readonly 'remind-later': undefined;
}

type Screen<T> = T & { readonly from: 'screen' };

const from = literal('screen');
const kind: Reader<RecoveryKind> = (value) =>
  value === 'words' || value === 'passkey' ? value : refuse('not a kind of recovery');
const secret: Reader<string> = (value) => {
  const { length } = decodeBase64url(text(64)(value));
  return length === 16 || length === 32 ? String(value) : refuse('not a secret');
};
const history: Reader<Leaving['history']> = (value) =>
  value === 'keep' || value === 'delete' ? value : refuse('not a choice');
const copyState: Reader<'on' | 'off'> = (value) =>
  value === 'on' || value === 'off' ? value : refuse('not on or off');

/** Reads each of them, strictly. */
export const KEEPING_READERS: {
  [T in KeepingMessage['type']]: Reader<Screen<KeepingMessage & { type: T }>>;
} = {
  standing: (value) => readMembers(value, { from, type: literal('standing') }),
  safety: (value) => readMembers(value, { from, type: literal('safety') }),
  'set-recovery': (value) =>
    readMembers(value, { from, type: literal('set-recovery'), kind, secret }),
  restore: (value) =>
    readMembers(value, {
      from,
      type: literal('restore'),
      kind,
      secret,
      provider: text(300),
      name: text(40),
    }),
  'name-device': (value) =>
    readMembers(value, { from, type: literal('name-device'), kid: hash, name: text(40) }),
  'revoke-device': (value) =>
    readMembers(value, { from, type: literal('revoke-device'), kid: hash }),
  'set-copy': (value) => readMembers(value, { from, type: literal('set-copy'), state: copyState }),
  leave: (value) => readMembers(value, { from, type: literal('leave'), history }),
  'remind-later': (value) => readMembers(value, { from, type: literal('remind-later') }),
};

async function done(work: Promise<void>): Promise<undefined> {
  await work;
  return undefined;
}

function secretOf({ kind: of, secret: encoded }: SecretMessage) {
  return { kind: of, secret: decodeBase64url(encoded) };
}

/** Answers each of them; what writes is watched, so that a stopped worker goes on with it. */
export function keepingHandlers(
  wallet: Keeping,
  watched: <T>(work: Promise<T>) => Promise<T>,
): {
  [T in KeepingMessage['type']]: (
    message: KeepingMessage & { type: T },
  ) => Promise<KeepingAnswers[T]>;
} {
  return {
    standing: () => wallet.standing(),
    safety: () => wallet.safety(),
    'set-recovery': (message) => done(watched(wallet.setRecovery(secretOf(message)))),
    restore: ({ provider, name, ...message }) =>
      done(watched(wallet.restore({ ...secretOf(message), provider, name }))),
    'name-device': ({ kid, name }) => wallet.nameDevice({ kid, name }),
    'revoke-device': ({ kid }) => wallet.revokeDevice(kid),
    'set-copy': ({ state }) => watched(wallet.setCopy(state)),
    leave: (message) => done(watched(wallet.leave(message.history))),
    'remind-later': () => done(wallet.remindLater()),
  };
}

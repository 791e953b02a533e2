/**
 * Everything that contexts say to each other, typed. Pages' content scripts and our own screens
 * have different messages, so that neither can be taken for the other; who may say what is
 * `router.ts`.
 */

import type { ErrorCode } from '../protocol/errors.ts';
import type { OfferFields } from '../protocol/fields.ts';
import type { ProviderView } from '../wallet/provider.ts';
import type { OutcomeView, TabView, WalletView } from '../wallet/view.ts';
import type { KeepingAnswers, KeepingMessage } from './keeping.ts';

/** From a content script. */
export type PageMessage =
  /** The page is for sale: light the icon up. */
  | { readonly from: 'page'; readonly type: 'for-sale'; readonly fields: OfferFields }
  /** A trusted press on a fee link. */
  | {
      readonly from: 'page';
      readonly type: 'press';
      readonly fields: OfferFields;
      readonly title: string;
      readonly href: string;
      readonly placement: 'same-tab' | 'new-tab';
    };

/** What a content script does next: nothing, or what the browser would have done. */
export type PageReply = { readonly next: 'stay' | 'follow' };

/** To a content script: what is for sale on the page. */
export interface DescribeMessage {
  readonly from: 'wallet';
  readonly type: 'describe';
}
export interface PageDescription {
  readonly fields: OfferFields;
  readonly title: string;
}

/** From our own screens. */
export type OwnMessage = { readonly from: 'screen' } & (
  | { readonly type: 'state'; readonly tabId: number | undefined }
  | { readonly type: 'refresh' }
  | { readonly type: 'meet'; readonly provider: string }
  | { readonly type: 'open-account'; readonly provider: string }
  | { readonly type: 'top-up'; readonly amount: string }
  | { readonly type: 'pay'; readonly askId: string; readonly remember: boolean }
  | { readonly type: 'dismiss'; readonly tabId: number }
  | { readonly type: 'retry'; readonly paymentId: string }
  | { readonly type: 'reopen'; readonly paymentId: string; readonly tabId: number | undefined }
  | { readonly type: 'undo'; readonly paymentId: string }
  | KeepingMessage
  | { readonly type: 'visit'; readonly url: string; readonly tabId: number }
);

/** What a screen shows. */
export interface ScreenState {
  readonly wallet: WalletView | undefined;
  readonly tab: TabView | undefined;
}

export type Failure = { readonly code: ErrorCode; readonly detail: string };
/** Every answer to a screen. */
export type OwnReply<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & Failure);

/** What each own message is answered with. */
export interface OwnAnswers extends KeepingAnswers {
  readonly state: ScreenState;
  /** Whether the wallet service answered. */
  readonly refresh: boolean;
  readonly meet: ProviderView;
  readonly 'open-account': undefined;
  readonly 'top-up': undefined;
  readonly pay: OutcomeView;
  readonly dismiss: undefined;
  readonly retry: OutcomeView;
  readonly reopen: OutcomeView;
  readonly undo: undefined;
  readonly visit: undefined;
}

/** Broadcast to our own screens: ask for the state again. */
export interface ChangedMessage {
  readonly from: 'wallet';
  readonly type: 'changed';
}

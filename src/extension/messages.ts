/**
 * Everything that contexts say to each other, typed. Pages' content scripts and our own screens
 * have different messages, so that neither can be taken for the other; who may say what is
 * `router.ts`.
 */

import type { ErrorCode } from '../protocol/errors.ts';
import type { OfferFields } from '../protocol/fields.ts';
import type { ProviderView } from '../wallet/account/provider.ts';
import type { TopUpView } from '../wallet/account/topups.ts';
import type { ClickOffer } from '../wallet/payment/yes.ts';
import type { OutcomeView, TabView, WalletView } from '../wallet/view.ts';
import type { ChronicleAnswers, ChronicleMessage } from './chronicle.ts';
import type { KeepingAnswers, KeepingMessage } from './keeping.ts';

/** From a content script. */
export type PageMessage =
  /** The page is for sale: light the icon up. */
  | { readonly from: 'page'; readonly type: 'for-sale'; readonly fields: OfferFields }
  /** A trusted press on a fee link. */
  | {
      readonly from: 'page';
      readonly type: 'press';
      /** One press, however often it is told of: a worker may be stopped over its answer. */
      readonly pressId: string;
      readonly fields: OfferFields;
      readonly title: string;
      readonly href: string;
      readonly placement: 'same-tab' | 'new-tab';
      /** Whether the link is what can be seen at the point that was pressed. */
      readonly isVisible: boolean;
      /** The price that the reader has had the time to see. */
      readonly drawnPrice: string | undefined;
    }
  /** There is a fee link, the first on this page. */
  | { readonly from: 'page'; readonly type: 'links' }
  /** What to say beside each of these links. */
  | { readonly from: 'page'; readonly type: 'marks'; readonly links: readonly LinkSaid[] }
  /** Whether something is to be said about what was just paid, where this page opened. */
  | { readonly from: 'page'; readonly type: 'note' }
  /** The reader's *Undo* in that note. */
  | { readonly from: 'page'; readonly type: 'undo-note' }
  /** The reader's *Report a problem*, where that was refused. */
  | { readonly from: 'page'; readonly type: 'report-note' };

/** A fee link as its page has it. */
export interface LinkSaid {
  readonly fields: OfferFields;
  readonly href: string;
}

/** To the note: what was paid, to whom. */
export interface NoteReply {
  /** The amount; where nobody was paid a text of its own. */
  readonly shown: string;
  /** As it is read out. */
  readonly said: string;
  readonly seller?: string;
  readonly canUndo: boolean;
}

/** How an undo from the note went. */
export interface UndoReply {
  readonly end: 'back' | 'coming' | 'over' | 'quota' | 'unclear';
  /** The day by which what is coming is back, as it is written; absent where it is not known. */
  readonly day?: string;
}

/** What a content script does next: nothing, or what the browser would have done. */
export type PageReply = { readonly next: 'stay' | 'follow' };

/** What was read inside a page. */
export interface PageDescription {
  /** Without fragment. */
  readonly url: string;
  readonly title: string;
  readonly fields: OfferFields;
  /** What its links cost, each price as it stands there, and how many have it. */
  readonly links: readonly { readonly price: string; readonly count: number }[];
  /** `WWW-Authenticate` of the address, where it answered 402 and its markup says nothing. */
  readonly challenge?: string | undefined;
  /** Whether the page forbids every request from inside it: then only its browser can help. */
  readonly isShut: boolean;
}

/** From our own screens. */
export type OwnMessage = { readonly from: 'screen' } & (
  | { readonly type: 'state'; readonly tabId: number | undefined }
  | { readonly type: 'refresh' }
  | { readonly type: 'meet'; readonly provider: string }
  | { readonly type: 'open-account'; readonly provider: string }
  | { readonly type: 'top-up'; readonly amount: string }
  | { readonly type: 'leave-top-up' }
  | { readonly type: 'pay'; readonly askId: string; readonly remember: boolean }
  | { readonly type: 'dismiss'; readonly tabId: number }
  | { readonly type: 'retry'; readonly paymentId: string }
  | { readonly type: 'reopen'; readonly paymentId: string; readonly tabId: number | undefined }
  | { readonly type: 'undo'; readonly paymentId: string }
  | KeepingMessage
  | ChronicleMessage
  | { readonly type: 'visit'; readonly url: string; readonly tabId: number }
  /** The browser is being asked to let the wallet in at `pattern`, to pay there by one click. */
  | { readonly type: 'wish'; readonly pattern: string; readonly paymentId: string }
  /** It said no. */
  | { readonly type: 'unwish'; readonly pattern: string }
  /** No more clicks that pay at this host; its limits are kept. */
  | { readonly type: 'ask-again'; readonly host: string }
);

/** The limits of one click: each, and a day. */
export interface Limits {
  readonly item: string;
  readonly day: string;
  readonly currency: string;
}

/** The site that a tab shows, as far as the wallet may know it. */
export interface SiteView {
  readonly host: string;
  /** What to ask the browser for. */
  readonly pattern: string;
  /** Whether the reader lets the wallet in here. */
  readonly isLetIn: boolean;
  /** The limits inside which a click pays here, wherever the wallet is let in. */
  readonly oneClick: Limits | undefined;
  /** What a click could pay here, where something was bought. */
  readonly offer?: ClickOffer | undefined;
  /** Whether its page forbids requests from inside it, so that nothing can be paid from there. */
  readonly isShut: boolean;
}

/** The links of a page that have a price, in the reader's currency. */
export interface LinksView {
  readonly count: number;
  readonly least: string;
  readonly most: string;
}

/** What a screen shows. */
export interface ScreenState {
  readonly wallet: WalletView | undefined;
  readonly tab: TabView | undefined;
  readonly site: SiteView | undefined;
  /** Undefined where there is none. */
  readonly links?: LinksView | undefined;
  /** Whether the reader wants prices on every site. */
  readonly isEverySite: boolean;
}

export type Failure = { readonly code: ErrorCode; readonly detail: string };
/** Every answer to a screen. */
export type OwnReply<T> =
  | { readonly ok: true; readonly value: T }
  | ({ readonly ok: false } & Failure);

/** What each own message is answered with. */
export interface OwnAnswers extends KeepingAnswers, ChronicleAnswers {
  readonly state: ScreenState;
  /** Why what the wallet knows is not of now. */
  readonly refresh: ErrorCode | undefined;
  readonly meet: ProviderView;
  readonly 'open-account': undefined;
  readonly 'top-up': TopUpView | undefined;
  readonly 'leave-top-up': undefined;
  readonly pay: OutcomeView;
  readonly dismiss: undefined;
  readonly retry: OutcomeView;
  readonly reopen: OutcomeView;
  readonly undo: undefined;
  readonly visit: undefined;
  readonly wish: undefined;
  readonly unwish: undefined;
  readonly 'ask-again': undefined;
}

/** Broadcast to our own screens: ask for the state again. */
export interface ChangedMessage {
  readonly from: 'wallet';
  readonly type: 'changed';
}

/** Broadcast likewise: how many purchases are gone of those that are being forgotten. */
export interface ForgettingMessage {
  readonly from: 'wallet';
  readonly type: 'forgetting';
  readonly goneCount: number;
}

/** What a page says about a press: from outside, and of no weight until the seller confirms it. */
import type { OfferFields } from '../../protocol/fields.ts';

/** What a page says is for sale; nothing in it is trusted. */
export interface PagePress {
  /** The same for one press that is told of twice. */
  readonly pressId?: string | undefined;
  readonly fields: OfferFields;
  readonly title: string;
  readonly href: string;
  /** By the browser's word. */
  readonly pageUrl: string;
  readonly tabId: number;
  readonly placement: 'same-tab' | 'new-tab';
  /** Whether the link is what can be seen at the point that was pressed. */
  readonly isVisible: boolean;
  /** The price in the markup when it was last drawn for the reader, where that is known. */
  readonly drawnPrice?: string | undefined;
}

/**
 * What has been told of a page. Each batch of changes is held against it, so that only what came,
 * went or became something else is told.
 */
import type { OfferFields } from '../protocol/fields.ts';
import { type FeeLink, isFeeLink, linkFields } from './page.ts';

/** Links that are told of: more than anybody reads. A press on any other is read all the same. */
export const LINK_COUNT_MAX = 5000;

/** A fee link and its fields, as `linkFields` gives them. */
export interface FoundLink {
  readonly link: FeeLink;
  readonly fields: OfferFields;
}

/** What is for sale now and was not told so before. */
export interface OffersChange {
  /** The page's own fields, where they or its address changed; empty when it sells no more. */
  readonly page: OfferFields | undefined;
  readonly added: readonly FoundLink[];
  /** Links whose address or fields are others than told. */
  readonly changed: readonly FoundLink[];
  /** Links that left the page or are no fee links any more. */
  readonly removed: readonly FeeLink[];
}

/** What a batch of changes left behind. */
export interface Batch {
  readonly address: string;
  readonly page: OfferFields;
  /** What may have become a fee link, another, or none. */
  readonly touched: ReadonlySet<Element>;
  /** Whether each link told of may have changed, as all that they share has. */
  readonly isAll: boolean;
}

/** Remembers what was told. */
export interface Told {
  /** What `batch` changes; undefined for nothing. */
  tell(batch: Batch): OffersChange | undefined;
  /** Everything that is still there will be told again. */
  forget(): void;
}

/** For a page of which nothing was told. */
export function keepTold(): Told {
  /** Each link with a mark of what was told of it. */
  const links = new Map<FeeLink, string>();
  let pageMark = '';

  const tellPage = ({ address, page }: Batch): OfferFields | undefined => {
    const mark = Object.keys(page).length > 0 ? JSON.stringify([address, page]) : '';
    if (mark === pageMark) return undefined;
    pageMark = mark;
    return page;
  };

  return {
    tell(batch) {
      const page = tellPage(batch);
      const added: FoundLink[] = [];
      const changed: FoundLink[] = [];
      const removed: FeeLink[] = [];
      const tellLink = (link: FeeLink, told: string | undefined) => {
        const fields = linkFields(link, batch.page);
        const mark = JSON.stringify([link.href, fields]);
        if (mark === told) return;
        links.set(link, mark);
        (told === undefined ? added : changed).push({ link, fields });
      };
      for (const element of new Set<Element>([...links.keys(), ...batch.touched])) {
        const link = element as FeeLink;
        const told = links.get(link);
        const isTouched = batch.isAll || batch.touched.has(link);
        if (!link.isConnected || (isTouched && !isFeeLink(link))) {
          if (links.delete(link)) removed.push(link);
        } else if (isTouched && (told !== undefined || links.size < LINK_COUNT_MAX)) {
          tellLink(link, told);
        }
      }
      const isNothing = !page && added.length + changed.length + removed.length === 0;
      return isNothing ? undefined : { page, added, changed, removed };
    },
    forget() {
      for (const link of links.keys()) links.set(link, '');
      pageMark &&= ' ';
    },
  };
}

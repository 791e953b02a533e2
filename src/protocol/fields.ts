/** The names of what a page may say of an offer (SPEC 3.1); `offer.ts` reads what they hold. */

/** The fields as they stand in the markup: `fee:NAME` of the page, `data-fee-NAME` of a link. */
export interface OfferFields {
  readonly price?: string | undefined;
  readonly payto?: string | undefined;
  readonly item?: string | undefined;
  readonly title?: string | undefined;
  readonly seller?: string | undefined;
  readonly description?: string | undefined;
  readonly duration?: string | undefined;
  readonly expires?: string | undefined;
  readonly meter?: string | undefined;
  readonly cap?: string | undefined;
  readonly refund?: string | undefined;
}

/** The names of SPEC 3, in its order. */
export const OFFER_FIELDS = [
  'price',
  'payto',
  'item',
  'title',
  'seller',
  'description',
  'duration',
  'expires',
  'meter',
  'cap',
  'refund',
] as const satisfies (keyof OfferFields)[];

/** What a public description says of an API, as far as secrets are concerned. */
export type Description = {
  /** Where it comes from, for whoever reads the derived file. */
  readonly source: string;
  readonly version: string;
  readonly operations: readonly Operation[];
  readonly types: ReadonlyMap<string, readonly Member[]>;
};

export type Operation = {
  readonly method: string;
  /** In the declared form: `/v1/customers/:id`. */
  readonly path: string;
  /** Names of the types that it may answer with. */
  readonly answers: readonly string[];
  /** Names of its query and body parameters. */
  readonly parameters: readonly string[];
};

export type Member = {
  readonly name: string;
  readonly comment: string;
  /** Holds text, and not only an object or a number. */
  readonly isText: boolean;
  /** Types that it may hold. */
  readonly types: readonly string[];
  /** Holds these only when the caller asks for them (`expand`). */
  readonly expandable: boolean;
};

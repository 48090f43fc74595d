/** Says, as an error or as the cause of one, that the upstream cannot have seen any of the request. */
export class Unsent extends Error {}

/**
 * What the vendor's OpenAPI document says of the three operations, kept in the form of `contract.ts`.
 * `scripts/vendor-changes.ts` makes it anew from a copy of the document.
 */
import fixture from "../fixtures/vendor-contract.json" with { type: "json" }
import type { Contract } from "./contract.ts"

export const vendor: Contract = fixture

/**
 * Raises the versions of the packages by their changesets, and writes the changelogs. Publishes nothing.
 */
import { raiseVersions } from "./support/versions.ts"
import { root } from "./support/workspace.ts"

raiseVersions(root)

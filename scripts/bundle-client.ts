/**
 * Bundles `packages/client` into its `dist`, and writes the licenses of what the bundle holds.
 */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { bundleClient, clientFolder, thirdPartyLicenses } from "./support/clientBundle.ts"

const { code, metafile } = await bundleClient(true)
writeFileSync(join(clientFolder, "THIRD-PARTY-LICENSES"), thirdPartyLicenses(metafile))
const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
console.log(`bundled the client: ${kilobytes(code.length)}, ${kilobytes(gzipSync(code, { level: 9 }).length)} gzipped`)

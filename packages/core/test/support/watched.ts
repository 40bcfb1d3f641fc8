/**
 * A value that counts how often somebody asks whether it has a key. The schema asks with `in` for each field; the decoder
 * that stands before it only reads.
 */
export const watched = <A extends object>(value: A): { readonly value: A; readonly asked: () => number } => {
  let count = 0
  const proxy = new Proxy(value, {
    has: (target, key) => {
      count += 1
      return Reflect.has(target, key)
    },
  })
  return { value: proxy, asked: () => count }
}

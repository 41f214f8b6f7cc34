// Whether the server is there again: asked of a page that costs it next to nothing.

export async function isBack(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
    return answer.ok;
  } catch {
    return false;
  }
}

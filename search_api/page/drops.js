// Pictures and videos that are dropped or pasted anywhere on the page.

const endings = /\.(mp4|m4v|webm|mov|mkv|avi|flv|ts|mpe?g|ogv|wmv|3gp|mp3|m4a|aac|ogg|opus|wav|flac)$/i;

/** Sort files into one picture, or videos, or neither. */
export function sortFiles(files) {
  const all = [...files];
  const videos = all.filter((file) => /^(video|audio)\//.test(file.type) || endings.test(file.name));
  return { picture: all.find((file) => file.type.startsWith("image/")) ?? null, videos, any: all.length > 0 };
}

/** Call `take` with the files that are dropped or pasted. */
export function installDrops(curtain, take) {
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0;
  const hide = () => {
    depth = 0;
    curtain.hidden = true;
  };
  addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    curtain.hidden = document.querySelector("dialog[open]") !== null;
  });
  addEventListener("dragleave", (event) => {
    if (holdsFiles(event) && (depth -= 1) <= 0) hide();
  });
  addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    hide();
    take(sortFiles(event.dataTransfer.files));
  });
  addEventListener("paste", (event) => {
    const sorted = sortFiles(event.clipboardData?.files ?? []);
    if (!sorted.any) return;
    event.preventDefault();
    take(sorted);
  });
}

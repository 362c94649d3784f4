/** Join canvases of one height side by side and download them as one PNG. */
export async function savePng(canvases: readonly HTMLCanvasElement[], name: string): Promise<void> {
  const gap = 8;
  const sheet = document.createElement("canvas");
  sheet.height = Math.max(...canvases.map((canvas) => canvas.height));
  sheet.width = canvases.reduce((sum, canvas) => sum + canvas.width + gap, -gap);
  const context = sheet.getContext("2d");
  let x = 0;
  for (const canvas of canvases) {
    context?.drawImage(canvas, x, 0);
    x += canvas.width + gap;
  }
  const blob = await new Promise<Blob | null>((resolve) => sheet.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("this browser made no PNG of the canvas");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // the browser has taken hold of the download by the next turn of its loop
  setTimeout(() => URL.revokeObjectURL(link.href), 0);
}

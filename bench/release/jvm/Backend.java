import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** A backend on the JVM's own HTTP server. Its options are those of cmd/backend; --work is how much it computes for an answer. */
public final class Backend {
  private final Map<String, String> options;
  private final FileOutputStream seen;

  private Backend(Map<String, String> options) throws IOException {
    this.options = options;
    this.seen = new FileOutputStream(options.get("seen"), true);
  }

  public static void main(String[] words) throws IOException {
    Map<String, String> options = new HashMap<>(Map.of("delay", "10ms", "ending", "graceful", "work", "0"));
    for (int index = 0; index + 1 < words.length; index += 2) {
      options.put(words[index].substring(2), words[index + 1]);
    }
    new Backend(options).run();
  }

  private void run() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1024);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", this::answer);
    boolean isGraceful = options.get("ending").equals("graceful");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      // It does not hand out its sockets: a process that ends at once is as near to a reset as it gets.
      if (!isGraceful) Runtime.getRuntime().halt(0);
      server.stop(1);
    }));
    server.start();
    System.out.println("{\"port\":" + server.getAddress().getPort() + "}");
  }

  private void answer(HttpExchange exchange) throws IOException {
    String id = exchange.getRequestHeaders().getFirst("x-bench-id");
    boolean once = exchange.getRequestMethod().equals("POST");
    if (once) note("+" + id);
    exchange.getRequestBody().readAllBytes();
    int work = Integer.parseInt(options.get("work"));
    long made = work > 0 ? compute(work, id) : 0;
    try {
      Thread.sleep(Integer.parseInt(options.get("delay").replace("ms", "")));
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
    if (once) note("-" + id);
    byte[] body = id.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("x-backend", options.get("name"));
    exchange.getResponseHeaders().set("x-made", Long.toHexString(made));
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void note(String line) throws IOException {
    seen.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** What services do for an answer: texts, maps, sorting. Slow until the compiler of the JVM has seen it often. */
  private static long compute(int work, String id) {
    Map<String, Integer> counts = new HashMap<>();
    List<String> words = new ArrayList<>();
    for (int index = 0; index < work; index++) {
      String word = Integer.toString((index * 31 + id.hashCode()) & 0xffff, 36) + ":" + id;
      counts.merge(word, index, Integer::sum);
      words.add(word);
    }
    Collections.sort(words);
    long hash = 7;
    for (String word : words) hash = hash * 31 + word.hashCode() + counts.get(word);
    return hash;
  }
}

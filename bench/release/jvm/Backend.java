import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A backend on the JVM's own HTTP server. Its options are those of cmd/backend; --work is how many items {@link Work} has for an answer. */
public final class Backend {
  /** As long as Jetty's `shutdownIdleTimeout`: connections that rest stay for so long after SIGTERM. */
  private static final int REST_MS = 1000;

  private final Map<String, String> options;
  private final FileOutputStream seen;
  private final CountDownLatch holding = new CountDownLatch(1);
  private volatile boolean isEnding;

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
    server.createContext("/hold", this::hold);
    boolean isGraceful = options.get("ending").equals("graceful");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      // It does not hand out its sockets: a process that ends at once is as near to a reset as it gets.
      if (!isGraceful) Runtime.getRuntime().halt(0);
      end(server);
    }));
    server.start();
    System.out.println("{\"port\":" + server.getAddress().getPort() + "}");
  }

  /**
   * Ends as Jetty does: takes no more connections, asks with each answer to close the connection, and ends those that rest after a
   * second. `stop` by itself is not graceful. It ends all connections as soon as no exchange is under way, also one that brings a
   * request which it has not read yet, and its answers say nothing of it. So it has one exchange with itself meanwhile.
   */
  private void end(HttpServer server) {
    isEnding = true;
    try (Socket own = new Socket("127.0.0.1", server.getAddress().getPort())) {
      own.getOutputStream().write("GET /hold HTTP/1.1\r\nHost: own\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      holding.await();
      server.stop(2 * REST_MS / 1000);
    } catch (IOException | InterruptedException error) {
      throw new IllegalStateException(error);
    }
  }

  private void hold(HttpExchange exchange) throws IOException {
    holding.countDown();
    rest(REST_MS);
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String id = exchange.getRequestHeaders().getFirst("x-bench-id");
    boolean once = exchange.getRequestMethod().equals("POST");
    if (once) note("+" + id);
    exchange.getRequestBody().readAllBytes();
    int work = Integer.parseInt(options.get("work"));
    int made = work > 0 ? Work.answer(work, id) : 0;
    rest(Integer.parseInt(options.get("delay").replace("ms", "")));
    byte[] body = id.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("x-backend", options.get("name"));
    if (isEnding) exchange.getResponseHeaders().set("Connection", "close");
    exchange.getResponseHeaders().set("x-made", Integer.toString(made));
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.getResponseBody().close();
    if (once) note("-" + id);
    exchange.close();
  }

  private static void rest(int ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  private void note(String line) throws IOException {
    seen.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}

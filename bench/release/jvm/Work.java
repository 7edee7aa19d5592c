import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.Templates;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;

/** What a service does for an answer. It passes through much code of the JDK: slow until classes are loaded and the compilers have seen it often. */
final class Work {
  private static final String SHEET = """
      <xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>
        <xsl:output method='html'/>
        <xsl:template match='/order'>
          <table>
            <xsl:for-each select='item'>
              <xsl:sort select='@price' data-type='number'/>
              <tr>
                <td><xsl:value-of select="concat(@name, ': ', format-number(@price, '0.00'))"/></td>
                <td><xsl:choose><xsl:when test='@price &gt; 50'>dear</xsl:when><xsl:otherwise>cheap</xsl:otherwise></xsl:choose></td>
              </tr>
            </xsl:for-each>
          </table>
          <p><xsl:value-of select='sum(item/@price)'/></p>
        </xsl:template>
      </xsl:stylesheet>
      """;
  private static final Pattern PRICE = Pattern.compile("(\\w+): (\\d+\\.\\d\\d)");
  private static Templates templates;

  private Work() {}

  /** Writes an order, reads it, makes a page of it, and packs what the page says. Returns bytes. */
  static int answer(int items, String id) {
    try {
      String page = page(parse(order(items, id)));
      return packed(page + digest(byPrice(page))).length;
    } catch (ParserConfigurationException | SAXException | TransformerException | GeneralSecurityException | IOException error) {
      throw new IllegalStateException(error);
    }
  }

  private static String order(int items, String id) {
    Random random = new Random(id.hashCode());
    StringBuilder text = new StringBuilder("<order>");
    for (int index = 0; index < items; index++) {
      String name = Integer.toString(random.nextInt(1 << 20), 36);
      String at = DateTimeFormatter.ISO_INSTANT.format(Instant.ofEpochSecond(random.nextInt()));
      text.append(String.format(Locale.ROOT, "<item name='n%s' price='%.2f' at='%s'/>", name, random.nextDouble() * 100, at));
    }
    return text.append("</order>").toString();
  }

  private static Document parse(String order) throws ParserConfigurationException, SAXException, IOException {
    return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(order.getBytes(StandardCharsets.UTF_8)));
  }

  private static String page(Document order) throws TransformerException {
    StringWriter page = new StringWriter();
    templates().newTransformer().transform(new DOMSource(order), new StreamResult(page));
    return page.toString();
  }

  /** Made by the first request, as services begin by what is asked of them. */
  private static synchronized Templates templates() throws TransformerException {
    if (templates == null) templates = TransformerFactory.newInstance().newTemplates(new StreamSource(new StringReader(SHEET)));
    return templates;
  }

  private static String byPrice(String page) {
    Map<String, BigDecimal> prices = new TreeMap<>();
    Matcher matcher = PRICE.matcher(page);
    while (matcher.find()) prices.merge(matcher.group(1), new BigDecimal(matcher.group(2)), BigDecimal::add);
    return prices.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(price -> price.getKey() + "=" + price.getValue().setScale(1, RoundingMode.HALF_EVEN))
        .collect(Collectors.joining(","));
  }

  private static String digest(String text) throws GeneralSecurityException {
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream packer = new GZIPOutputStream(bytes)) {
      packer.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}

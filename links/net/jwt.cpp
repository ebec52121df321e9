#include "links/net/jwt.hpp"

#include "links/net/base64.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace linkspan
{
namespace
{

struct key_deleter
{
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct bio_deleter
{
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct context_deleter
{
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, key_deleter>;

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::size_t pem_line_bytes = 64;

error refused_key(std::string const& why)
{
    return {errc::invalid, "the private key " + why};
}

constexpr std::string_view wanted =
    "; give the RSA key as PEM, as the service lets you download it (BEGIN RSA PRIVATE KEY or BEGIN PRIVATE "
    "KEY)";

// What stands between the marks. Labels that are no RSA key of ours are told apart, since each has another
// way out.
struct pem_text
{
    std::string_view label;
    std::string_view body;
};

result<pem_text> find_pem(std::string_view text)
{
    auto const begin = text.find(begin_mark);
    if (begin == text.npos)
        return refused_key("is no PEM text" + std::string(wanted));
    auto const label_at = begin + begin_mark.size();
    auto const label_end = text.find(dashes, label_at);
    auto const end = label_end == text.npos ? text.npos : text.find(end_mark, label_end);
    if (end == text.npos)
        return refused_key("is cut off: it has no END line");
    auto const body_at = label_end + dashes.size();
    return pem_text{text.substr(label_at, label_end - label_at), text.substr(body_at, end - body_at)};
}

result<> check_label(pem_text const& pem)
{
    if (pem.label == "ENCRYPTED PRIVATE KEY" || pem.body.find("Proc-Type:") != pem.body.npos)
        return refused_key(
            "is encrypted with a passphrase; decrypt it first: openssl pkey -in key.pem -out plain.pem"
        );
    if (pem.label == "RSA PRIVATE KEY" || pem.label == "PRIVATE KEY")
        return {};
    if (pem.label == "EC PRIVATE KEY")
        return refused_key("is an EC key; RS256 needs an RSA key");
    if (pem.label == "OPENSSH PRIVATE KEY")
        return refused_key("is an SSH key" + std::string(wanted));
    if (pem.label.find("PUBLIC KEY") != pem.label.npos || pem.label == "CERTIFICATE")
        return refused_key("is only the public half" + std::string(wanted));
    return refused_key("is of another kind" + std::string(wanted));
}

// The PEM as OpenSSL reads it, whatever pasting has made of its line breaks.
secret in_lines(pem_text const& pem)
{
    std::string out;
    out.reserve(private_key_bytes_max + private_key_bytes_max / pem_line_bytes + 128);  // grows nowhere else
    out.append(begin_mark).append(pem.label).append(dashes).append("\n");
    std::size_t on_line = 0;
    for (std::size_t i = 0; i < pem.body.size(); ++i)
    {
        char const c = pem.body[i];
        if (c == '\\' && i + 1 < pem.body.size() && (pem.body[i + 1] == 'n' || pem.body[i + 1] == 'r'))
        {
            ++i;
            continue;
        }
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            continue;
        out += c;
        if (++on_line == pem_line_bytes)
        {
            out += '\n';
            on_line = 0;
        }
    }
    out.append(on_line == 0 ? "" : "\n").append(end_mark).append(pem.label).append(dashes).append("\n");
    secret kept(out);
    OPENSSL_cleanse(out.data(), out.size());
    return kept;
}

result<key_pointer> read_key(secret const& private_key)
{
    auto const text = private_key.reveal();
    if (text.size() > private_key_bytes_max)
        return refused_key("is longer than " + std::to_string(private_key_bytes_max) + " bytes");
    auto const pem = find_pem(text);
    if (!pem)
        return pem.error();
    if (auto const fit = check_label(*pem); !fit)
        return fit.error();
    auto const lines = in_lines(*pem);
    std::unique_ptr<BIO, bio_deleter> const in(
        BIO_new_mem_buf(lines.reveal().data(), static_cast<int>(lines.reveal().size()))
    );
    // Without a function of ours, OpenSSL would ask the terminal for a passphrase.
    auto const no_passphrase = [](char*, int, int, void*) { return -1; };
    key_pointer key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr) : nullptr);
    ERR_clear_error();
    if (!key)
        return refused_key("cannot be read: its text between BEGIN and END is damaged" + std::string(wanted));
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        return refused_key("is no RSA key; RS256 needs one");
    if (EVP_PKEY_get_bits(key.get()) < rsa_bits_min)
        return refused_key(
            "has " + std::to_string(EVP_PKEY_get_bits(key.get())) + " bits; RS256 needs " +
            std::to_string(rsa_bits_min) + " or more"
        );
    return key;
}

}  // namespace

result<> check_rs256_key(secret const& private_key)
{
    auto const key = read_key(private_key);
    if (!key)
        return key.error();
    return {};
}

result<std::string> sign_rs256(secret const& private_key, std::string_view header, std::string_view claims)
{
    auto const key = read_key(private_key);
    if (!key)
        return key.error();
    auto token = encode_base64url(header) + "." + encode_base64url(claims);
    std::unique_ptr<EVP_MD_CTX, context_deleter> const context(EVP_MD_CTX_new());
    auto const* const bytes = reinterpret_cast<unsigned char const*>(token.data());
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key->get())), '\0');
    std::size_t length = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key->get()) != 1 ||
        EVP_DigestSign(
            context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes, token.size()
        ) != 1)
    {
        ERR_clear_error();
        return refused_key("cannot sign: OpenSSL refuses it");
    }
    signature.resize(length);
    return token + "." + encode_base64url(signature);
}

}  // namespace linkspan

#include "tests/support/test_authority.hpp"

#include "links/net/base64.hpp"
#include "links/net/sha256.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

using key_pointer = std::shared_ptr<EVP_PKEY>;
using certificate_pointer = std::shared_ptr<X509>;

constexpr long day = 24 * 3600;

void must(bool good)
{
    if (!good)
        throw std::runtime_error("OpenSSL makes no certificate");
}

key_pointer new_key()
{
    key_pointer key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    must(key != nullptr);
    return key;
}

void add_extension(X509* to, X509* issuer, int kind, std::string const& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
    std::shared_ptr<X509_EXTENSION> const extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()), X509_EXTENSION_free
    );
    must(extension && X509_add_ext(to, extension.get(), -1) == 1);
}

certificate_pointer new_certificate(EVP_PKEY* key, std::string const& name, long life)
{
    certificate_pointer made(X509_new(), X509_free);
    must(made && X509_set_version(made.get(), 2) == 1);
    std::uint64_t number = 0;
    must(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof(number)) == 1);
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), number >> 1U) == 1);
    must(X509_gmtime_adj(X509_getm_notBefore(made.get()), -day) != nullptr);
    must(X509_gmtime_adj(X509_getm_notAfter(made.get()), life) != nullptr);
    must(X509_set_pubkey(made.get(), key) == 1);
    auto const* const text = reinterpret_cast<unsigned char const*>(name.c_str());
    must(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, text, -1, -1, 0) ==
        1
    );
    return made;
}

template <class Write>
std::string pem_of(Write write)
{
    std::shared_ptr<BIO> const out(BIO_new(BIO_s_mem()), BIO_free);
    must(out && write(out.get()) == 1);
    char* text = nullptr;
    long const size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string pem_of_certificate(X509* one)
{
    return pem_of([one](BIO* out) { return PEM_write_bio_X509(out, one); });
}

std::string pin_of(EVP_PKEY* key)
{
    unsigned char* bytes = nullptr;
    int const size = i2d_PUBKEY(key, &bytes);
    must(size > 0);
    auto const digest = sha256({reinterpret_cast<char const*>(bytes), static_cast<std::size_t>(size)});
    OPENSSL_free(bytes);
    return encode_base64({reinterpret_cast<char const*>(digest.data()), digest.size()});
}

}  // namespace

test_authority::test_authority(std::vector<std::string> const& hosts, int days)
{
    auto const ca_key = new_key();
    auto const ca = new_certificate(ca_key.get(), "Linkspan test authority", 30 * day);
    must(X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1);
    add_extension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
    must(X509_sign(ca.get(), ca_key.get(), EVP_sha256()) != 0);

    auto const key = new_key();
    auto const made = new_certificate(key.get(), hosts.at(0), days >= 1 ? days * day : -1);
    must(X509_set_issuer_name(made.get(), X509_get_subject_name(ca.get())) == 1);
    std::string names;
    for (auto const& host : hosts)
        names += (names.empty() ? "DNS:" : ",DNS:") + host;
    add_extension(made.get(), ca.get(), NID_subject_alt_name, names);
    add_extension(made.get(), ca.get(), NID_ext_key_usage, "serverAuth");
    add_extension(made.get(), ca.get(), NID_authority_key_identifier, "keyid");
    must(X509_sign(made.get(), ca_key.get(), EVP_sha256()) != 0);

    write_file(ca_file(), pem_of_certificate(ca.get()));
    write_file(certificate_file(), pem_of_certificate(made.get()));
    write_file(
        key_file(),
        pem_of([&](BIO* out)
               { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })
    );
    key_pin_ = pin_of(key.get());
}

}  // namespace linkspan::test

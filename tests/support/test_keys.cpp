#include "tests/support/test_keys.hpp"

#include "links/net/base64.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>

namespace linkspan::test
{
namespace
{

using key_pointer = std::shared_ptr<EVP_PKEY>;

key_pointer kept(EVP_PKEY* key)
{
    if (key == nullptr)
        throw std::runtime_error("OpenSSL makes no key");
    return {key, EVP_PKEY_free};
}

EVP_PKEY* key_of_bits(unsigned bits)
{
    static std::map<unsigned, key_pointer> keys;
    auto& key = keys[bits];
    if (!key)
        key = kept(EVP_RSA_gen(bits));
    return key.get();
}

std::string written(EVP_PKEY* key, key_form form)
{
    std::shared_ptr<BIO> const out(BIO_new(BIO_s_mem()), BIO_free);
    auto const* const aes = EVP_aes_256_cbc();
    auto* const word = reinterpret_cast<unsigned char*>(const_cast<char*>("horse"));
    int good = 0;
    switch (form)
    {
        case key_form::pkcs1:
            good =
                PEM_write_bio_PrivateKey_traditional(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
            break;
        case key_form::pkcs8:
            good = PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
            break;
        case key_form::encrypted:
            good = PEM_write_bio_PrivateKey(out.get(), key, aes, word, 5, nullptr, nullptr);
            break;
        case key_form::encrypted_pkcs1:
            good = PEM_write_bio_PrivateKey_traditional(out.get(), key, aes, word, 5, nullptr, nullptr);
            break;
        case key_form::public_half:
            good = PEM_write_bio_PUBKEY(out.get(), key);
            break;
    }
    char* text = nullptr;
    long const size = BIO_get_mem_data(out.get(), &text);
    if (good != 1 || size <= 0)
        throw std::runtime_error("OpenSSL writes no key");
    return {text, static_cast<std::size_t>(size)};
}

std::string from_base64url(std::string_view text)
{
    std::string plain(text);
    std::ranges::replace(plain, '-', '+');
    std::ranges::replace(plain, '_', '/');
    plain.append((4 - plain.size() % 4) % 4, '=');
    return decode_base64(plain).value();
}

std::string part(std::string_view jwt, int number)
{
    for (; number > 0; --number)
        jwt.remove_prefix(std::min(jwt.find('.'), jwt.size() - 1) + 1);
    return from_base64url(jwt.substr(0, jwt.find('.')));
}

}  // namespace

std::string rsa_key(key_form form, unsigned bits)
{
    return written(key_of_bits(bits), form);
}

std::string ec_key(key_form form)
{
    static auto const key = kept(EVP_EC_gen("P-256"));
    return written(key.get(), form);
}

bool is_signed_rs256(std::string_view jwt)
{
    auto const end = jwt.rfind('.');
    if (std::ranges::count(jwt, '.') != 2)
        return false;
    auto const signature = part(jwt, 2);
    auto const* const bytes = reinterpret_cast<unsigned char const*>(signature.data());
    auto const* const text = reinterpret_cast<unsigned char const*>(jwt.data());
    std::shared_ptr<EVP_MD_CTX> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_of_bits(2048)) == 1 &&
           EVP_DigestVerify(context.get(), bytes, signature.size(), text, end) == 1;
}

std::string jwt_header(std::string_view jwt)
{
    return part(jwt, 0);
}

std::string jwt_claims(std::string_view jwt)
{
    return part(jwt, 1);
}

}  // namespace linkspan::test

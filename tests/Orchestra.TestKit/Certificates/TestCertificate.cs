using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestra.TestKit.Processes;

namespace Orchestra.TestKit.Certificates;

/// <summary>An authority of its own, and a certificate of it for <c>localhost</c>, as files.</summary>
/// <param name="Folder">Where they are.</param>
public sealed record TestCertificate(string Folder)
{
    /// <summary>The authority's certificate, PEM.</summary>
    public string Authority => Path.Combine(Folder, "ca.pem");

    /// <summary>The server's certificate, PEM.</summary>
    public string Certificate => Path.Combine(Folder, "server.pem");

    /// <summary>The server's key, PEM, for whoever runs the tests.</summary>
    public string Key => Path.Combine(Folder, "server.key");

    /// <summary>The same key for PostgreSQL, which takes it only if nobody else can read it.</summary>
    public string PostgresKey => Path.Combine(Folder, "postgres.key");

    /// <summary>PostgreSQL's settings.</summary>
    public (string Name, string Value)[] PostgresSettings =>
        [("ssl", "on"), ("ssl_cert_file", Certificate), ("ssl_key_file", PostgresKey)];

    /// <summary>What a client trusts that trusts this authority and no other.</summary>
    public X509ChainPolicy Trust =>
        new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(Authority) },
            RevocationMode = X509RevocationMode.NoCheck,
        };

    public static async Task<TestCertificate> CreateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("orchestra-certificate-");
        await new ShellCommand("chmod", "755", folder.FullName).RunAsync();
        var files = new TestCertificate(folder.FullName);
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest(
            "CN=Orchestra tests",
            authorityKey,
            HashAlgorithmName.SHA256
        );
        authorityRequest.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(true, false, 0, critical: true)
        );
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var server = request.Create(
            authority,
            now.AddDays(-1),
            now.AddDays(20),
            RandomNumberGenerator.GetBytes(8)
        );
        await File.WriteAllTextAsync(files.Authority, authority.ExportCertificatePem());
        await File.WriteAllTextAsync(files.Certificate, server.ExportCertificatePem());
        foreach (var path in new[] { files.Key, files.PostgresKey })
        {
            await File.WriteAllTextAsync(path, key.ExportPkcs8PrivateKeyPem());
            await new ShellCommand("chmod", "600", path).RunAsync();
        }
        if (Environment.IsPrivilegedProcess)
            await new ShellCommand("chown", "postgres", files.PostgresKey).RunAsync();
        return files;
    }
}

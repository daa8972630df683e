//! How does a component get from its bytes to something that starts in microseconds?

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use synapse_domain::digest::Digest;
use synapse_domain::limits::Plan;
use wasmtime::component::{Component, InstancePre, Linker};

use crate::cache::Cache;
use crate::compile::{CompileError, Compiler};
use crate::engine::Engine;
use crate::state::Data;
use crate::vet::{Profile, Refused, Vetted, profile_of, vet};
use crate::wasi;

/// Components kept linked in memory; machine code of 0.5 MB (Rust) to 37 MB (Python) each.
const KEPT: usize = 64;

/// Fills a linker with the `synapse:*` interfaces.
pub type Fill<T> = fn(&mut Linker<T>) -> wasmtime::Result<()>;

/// Why a component cannot be started.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LoadError {
    /// Not vetted.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Not compiled.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// An import or the handler has another type than ours, or an import is missing.
    #[error("the component does not fit this runtime: {0}. Build it against this runtime's WIT packages")]
    Link(String),
    /// Our own artefact does not load.
    #[error("the compiled component does not load; see the server's log")]
    Artefact,
    /// The loading task died.
    #[error("loading the component was interrupted: {0}")]
    Interrupted(String),
}

/// A component ready to be instantiated.
pub struct Prepared<T: 'static> {
    /// SHA-256 of the component.
    pub digest: Digest,
    /// How it is linked.
    pub profile: Profile,
    /// Every interface it imports.
    pub imports: Vec<String>,
    /// For `HostPre::new(prepared.instance_pre.clone())`.
    pub instance_pre: InstancePre<T>,
}

/// All components of this process: in memory, in the artefact cache, or compiled now.
pub struct Components<T: Data> {
    engine: Engine,
    compiler: Compiler,
    cache: Arc<Cache>,
    interfaces: &'static [&'static str],
    /// One linker per profile; a component of profile A cannot reach WASI even by a flaw in vetting.
    a: Linker<T>,
    b: Linker<T>,
    kept: Mutex<Kept<T>>,
}

impl<T: Data> Components<T> {
    /// `fill` links the `synapse:*` interfaces; `interfaces` names those that a component may import.
    ///
    /// # Errors
    /// Two definitions of one name.
    pub fn new(
        engine: Engine,
        compiler: Compiler,
        cache: Cache,
        interfaces: &'static [&'static str],
        fill: Fill<T>,
    ) -> wasmtime::Result<Self> {
        let mut a = Linker::new(engine.wasmtime());
        fill(&mut a)?;
        let mut b = Linker::new(engine.wasmtime());
        fill(&mut b)?;
        wasi::link(&mut b)?;
        Ok(Self {
            engine,
            compiler,
            cache: Arc::new(cache),
            interfaces,
            a,
            b,
            kept: Mutex::default(),
        })
    }

    /// The engine that the components run on.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Vets bytes without compiling them: the first answer to an upload.
    ///
    /// # Errors
    /// Why they are refused.
    pub fn vet(&self, bytes: &[u8], plan: &Plan) -> Result<Vetted, Refused> {
        vet(bytes, plan, self.interfaces)
    }

    /// A component that is in memory already.
    pub fn get(&self, digest: &Digest) -> Option<Arc<Prepared<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(digest)
    }

    /// A component from its bytes: from memory, from the artefact cache, or compiled in a child (seconds).
    ///
    /// # Errors
    /// See [`LoadError`]. All but `Interrupted` and `CompileError::NotRun` are final for these bytes.
    pub async fn load(&self, bytes: &[u8], plan: &Plan) -> Result<Arc<Prepared<T>>, LoadError> {
        let vetted = self.vet(bytes, plan)?;
        let digest = vetted.digest;
        if let Some(prepared) = self.get(&digest) {
            return Ok(prepared);
        }
        let component = match self.cached(digest).await? {
            Some(component) => component,
            None => self.compile(digest, bytes).await?,
        };
        let prepared = Arc::new(self.link(&component, vetted)?);
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keep(Arc::clone(&prepared));
        Ok(prepared)
    }

    async fn compile(&self, digest: Digest, bytes: &[u8]) -> Result<Component, LoadError> {
        if let Some(failure) = self.compiler.known_failure(&digest) {
            return Err(failure.into());
        }
        let turn = self.compiler.turn().await;
        // Somebody else may have compiled it while we waited.
        if let Some(component) = self.cached(digest).await? {
            return Ok(component);
        }
        let artefact = self.compiler.compile(turn, &digest, bytes).await?;
        self.blocking(move |cache, engine| cache.keep(&engine, &digest, &artefact))
            .await?
            .ok_or(LoadError::Artefact)
    }

    async fn cached(&self, digest: Digest) -> Result<Option<Component>, LoadError> {
        self.blocking(move |cache, engine| cache.load(&engine, &digest)).await
    }

    /// Reading and authenticating 40 MB takes a tenth of a second: not on a worker thread.
    async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(Arc<Cache>, Engine) -> R + Send + 'static,
    ) -> Result<R, LoadError> {
        let (cache, engine) = (Arc::clone(&self.cache), self.engine.clone());
        tokio::task::spawn_blocking(move || work(cache, engine))
            .await
            .map_err(|error| LoadError::Interrupted(error.to_string()))
    }

    fn link(&self, component: &Component, vetted: Vetted) -> Result<Prepared<T>, LoadError> {
        let (digest, imports) = (vetted.digest, vetted.imports);
        // Asked of the compiled component again: the profile must follow from what is really linked.
        let profile = profile_of(
            component
                .component_type()
                .imports(self.engine.wasmtime())
                .map(|(name, _)| name),
        );
        let linker = match profile {
            Profile::A => &self.a,
            Profile::B => &self.b,
        };
        let instance_pre = linker
            .instantiate_pre(component)
            .map_err(|error| LoadError::Link(format!("{error:#}")))?;
        Ok(Prepared {
            digest,
            profile,
            imports,
            instance_pre,
        })
    }
}

/// What is in memory, with the time of its last use.
struct Kept<T: 'static> {
    by_digest: HashMap<Digest, (u64, Arc<Prepared<T>>)>,
    uses: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            by_digest: HashMap::new(),
            uses: 0,
        }
    }
}

impl<T> Kept<T> {
    fn get(&mut self, digest: &Digest) -> Option<Arc<Prepared<T>>> {
        self.uses += 1;
        let (used, prepared) = self.by_digest.get_mut(digest)?;
        *used = self.uses;
        Some(Arc::clone(prepared))
    }

    fn keep(&mut self, prepared: Arc<Prepared<T>>) {
        self.uses += 1;
        self.by_digest.insert(prepared.digest, (self.uses, prepared));
        if self.by_digest.len() > KEPT
            && let Some(oldest) = self
                .by_digest
                .iter()
                .min_by_key(|(_, (used, _))| *used)
                .map(|(digest, _)| *digest)
        {
            self.by_digest.remove(&oldest);
        }
    }
}
